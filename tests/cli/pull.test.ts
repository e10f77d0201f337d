import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startFaultProxy } from '../fixtures/fault-proxy.ts';
import { putRemoteImage } from '../fixtures/put-remote-image.ts';
import {
  freePort,
  hasRegistryServer,
  startRegistryServer,
  type RegistryServer,
} from '../fixtures/registry-server.ts';
import { runVarve, startVarve } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const MIB = 1024 * 1024;
const run = promisify(execFile);
const HAS_REGISTRY = await hasRegistryServer();

const workshop = useWorkshop(async ({ out, write }) => {
  const context = await write('context', { Dockerfile: 'FROM scratch\nCOPY a.txt /\n', 'a.txt': 'a\n' });
  await out(['build', '-q', '-t', 'app:1', context]);
});

describe.skipIf(!HAS_REGISTRY)('a registry', () => {
  let registry: RegistryServer;
  let digest = '';

  beforeAll(async () => {
    registry = await startRegistryServer(workshop.folder);
    const archive = join(workshop.folder, 'app.tar');
    await workshop.out(['save', 'app:1', '-o', archive, '--format', 'oci']);
    digest = (await workshop.out(['inspect', '--format', '{{.Digest}}', 'app:1'])).trim();
    for (const name of ['app', 'library/app']) {
      const to = `docker://${registry.host}/${name}:1`;
      await run('skopeo', ['copy', '--dest-tls-verify=false', `oci-archive:${archive}`, to]);
    }
  });
  afterAll(() => registry.close());

  test('gives an image by tag and by digest, with the digest that it was built with', async () => {
    const other = join(workshop.folder, 'pulled');
    const ref = `${registry.host}/app:1`;
    expect(await runVarve(other, ['pull', ref])).toMatchObject({
      status: 0,
      stdout: `Digest: ${digest}\nStatus: Downloaded newer image for ${ref}\n${ref}\n`,
    });
    expect((await runVarve(other, ['pull', '-q', `${registry.host}/app@${digest}`])).status).toBe(0);
    expect((await runVarve(other, ['cat', ref, '/a.txt'])).stdout).toBe('a\n');
    expect((await runVarve(other, ['verify'])).status).toBe(0);
  });

  test('gives an image by digest that is listed under that name, survives a prune, and is removed by it', async () => {
    const other = join(workshop.folder, 'by-digest');
    const name = `${registry.host}/app@${digest}`;
    const listed = async (): Promise<string> =>
      (await runVarve(other, ['images', '--format', '{{.Repository}} {{.Tag}} {{.Digest}}'])).stdout;
    const row = `${registry.host}/app <none> ${digest}\n`;
    await runVarve(other, ['pull', name]);
    await runVarve(other, ['prune', '-f', '--grace', '0']);
    expect(await listed()).toBe(row);
    await runVarve(other, ['pull', `${registry.host}/app:1`]);
    expect(await listed()).toBe(row.replace('<none>', '1'));
    await runVarve(other, ['rmi', `${registry.host}/app:1`]);
    expect(await listed()).toBe(row);
    expect((await runVarve(other, ['rmi', name])).stdout).toBe(`Untagged: ${name}\n`);
    expect(await listed()).toBe('');
  });

  test('stands for docker.io as its mirror, also for FROM', async () => {
    const other = join(workshop.folder, 'mirrored');
    await runVarve(other, ['images']);
    const mirrors = { registries: { 'docker.io': { mirrors: [`http://${registry.host}`] } } };
    await writeFile(join(other, 'registries.json'), JSON.stringify(mirrors));
    const context = await workshop.write('from', {
      Dockerfile: 'FROM app:1\nCOPY b.txt /\n',
      'b.txt': 'b\n',
    });
    const { status, stderr } = await runVarve(other, ['build', '--progress', 'json', '-t', 'mine', context]);
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; step?: string; what?: string; outcome?: string });
    const ofBase = events.filter(({ step }) => step === '0.0');
    const told = ofBase.map(({ type, what, outcome }) => what ?? outcome ?? type);
    expect([status, told[0], told[1], told.at(-1)]).toEqual([0, 'step-start', 'asking docker.io', 'ran']);
    expect(new Set(told.slice(2, -1))).toEqual(new Set(['base', 'pulling']));
    expect(ofBase.find(({ type }) => type === 'base')).toMatchObject({ name: 'app:1', digest });
    expect((await runVarve(other, ['cat', 'mine', '/a.txt'])).stdout).toBe('a\n');
  });

  test('says that all was here, shows each layer where it is asked to, and prints the complete name for scripts', async () => {
    const other = join(workshop.folder, 'again');
    const ref = `${registry.host}/app:1`;
    const first = await runVarve(other, ['pull', '--progress', 'plain', ref]);
    const words = first.stderr.match(/^[0-9a-f]{12}: .*$/gm)?.map((line) => line.slice(14)) ?? [];
    expect(words.filter((word) => word === 'Pull complete')).toHaveLength(2);
    expect((await runVarve(other, ['pull', ref])).stdout).toBe(
      `Digest: ${digest}\nStatus: Image is up to date for ${ref}\n${ref}\n`,
    );
    const json = await runVarve(other, ['pull', '--progress', 'json', ref]);
    expect(JSON.parse(json.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      what: 'pulling',
      layers: [{ state: 'there' }, { state: 'there' }],
    });
    expect(await runVarve(other, ['pull', '-q', ref])).toEqual({ status: 0, stdout: `${ref}\n`, stderr: '' });
  });

  test('goes on at the byte after kill -9', async () => {
    const other = join(workshop.folder, 'killed');
    const image = await putRemoteImage(registry.host, 'large:1', [randomBytes(3 * MIB)]);
    const layer = image.layers[0]?.digest ?? '';
    const proxy = await startFaultProxy(registry.host);
    onTestFinished(() => proxy.close());
    proxy.spoil(({ path }) => (path.endsWith(layer) ? { stallAfter: 2 * MIB } : undefined));
    const ref = `${proxy.host}/large:1`;
    const killed = startVarve(other, ['pull', '--progress', 'json', ref]);
    for await (const line of createInterface(killed.stderr)) {
      const { layers = [] } = JSON.parse(line) as { layers?: { digest: string; bytes: number }[] };
      if (layers.some(({ digest: each, bytes }) => each === layer && bytes === 2 * MIB)) break;
    }
    killed.kill('SIGKILL');
    await once(killed, 'close');
    const part = await stat(join(other, 'ingest', `partial.${layer.replace(':', '.')}`));
    expect(part.size).toBeGreaterThan(MIB);
    proxy.spoil(() => undefined);
    proxy.requests.length = 0;
    expect((await runVarve(other, ['pull', ref])).stdout).toContain(`Digest: ${image.digest}\n`);
    const ofLayer = proxy.requests.filter(({ path }) => path.endsWith(layer));
    expect(ofLayer.map(({ range }) => range)).toEqual([`bytes=${part.size}-`]);
    expect((await runVarve(other, ['verify'])).status).toBe(0);
  });

  test('that lacks the image is named, and nothing is stored', async () => {
    const other = join(workshop.folder, 'empty');
    const ended = await runVarve(other, ['pull', `${registry.host}/nothing:1`]);
    expect(ended).toMatchObject({ status: 1, stdout: '' });
    expect(ended.stderr).toContain(`cannot get nothing:1 from ${registry.host}: there is no such thing`);
    expect((await runVarve(other, ['images', '-a', '-q'])).stdout).toBe('');
  });
});

test('a registry that is not there is one clear message', async () => {
  const host = `127.0.0.1:${await freePort()}`;
  const ended = await runVarve(workshop.root, ['pull', `${host}/app:1`]);
  expect(ended).toMatchObject({ status: 1, stdout: '' });
  expect(ended.stderr).toContain(`cannot reach ${host}: it refuses the connection`);
});
