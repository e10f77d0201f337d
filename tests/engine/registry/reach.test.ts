import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import { makeCertificates, type Certificates } from '../../fixtures/certificates.ts';
import { putRemoteDocument } from '../../fixtures/put-remote-image.ts';
import {
  hasRegistryServer,
  startRegistryServer,
  type RegistryServerOptions,
} from '../../fixtures/registry-server.ts';
import { startWebProxy } from '../../fixtures/web-proxy.ts';
import { tempFolder } from '../support/temp-store.ts';
import { faultProxy, freshImage, pullerWith, useRegistry } from './pull-bench.ts';

const run = promisify(execFile);
const HAS_REGISTRY = await hasRegistryServer();

describe.skipIf(!HAS_REGISTRY)('a registry', () => {
  const registry = useRegistry();
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await makeCertificates(registry.folder);
  });

  /** Another registry over the same data. */
  async function alsoAs(options: RegistryServerOptions): Promise<string> {
    const folder = await tempFolder();
    if (options.proxyOf === undefined)
      await cp(join(registry.folder, 'data'), join(folder, 'data'), { recursive: true });
    const server = await startRegistryServer(folder, options);
    onTestFinished(() => server.close());
    return server.host;
  }

  test('with an authority of its own is trusted when its file is named', async () => {
    const image = await freshImage(registry.host, [1000]);
    const host = await alsoAs({ tls: certificates.server });
    const { pull } = await pullerWith({ [host]: { ca: certificates.authority } });
    expect(await pull(`${host}/${image.name}`)).toMatchObject({ digest: image.digest });
  });

  test('with an authority that nobody named is not trusted, and the key to name it with is said', async () => {
    const host = await alsoAs({ tls: certificates.server });
    const { pull } = await pullerWith({});
    await expect(pull(`${host}/app:1`)).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `cannot reach ${host}: its certificate is signed by an authority unknown here`,
      hint: expect.stringContaining(`"ca"`) as unknown,
    });
  });

  test('listed as insecure may have any certificate', async () => {
    const image = await freshImage(registry.host, [1000]);
    const host = await alsoAs({ tls: certificates.server });
    const { pull } = await pullerWith({ [host]: { insecure: true } });
    expect(await pull(`${host}/${image.name}`)).toMatchObject({ digest: image.digest });
  });

  test('that wants a certificate of the client gets the one that is named, and says so otherwise', async () => {
    const image = await freshImage(registry.host, [1000]);
    const host = await alsoAs({ tls: certificates.server, clientAuthority: certificates.authority });
    const { authority: ca, client } = certificates;
    const own = { ca, clientCertificate: client.certificate, clientKey: client.key };
    const { pull } = await pullerWith({ [host]: own });
    expect(await pull(`${host}/${image.name}`)).toMatchObject({ digest: image.digest });
    const stranger = await pullerWith({ [host]: { ca } });
    await expect(stranger.pull(`${host}/${image.name}`)).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `cannot reach ${host}: it accepts no one without a certificate of the client`,
      hint: expect.stringContaining('clientCertificate') as unknown,
    });
  });

  test.each(['docker', 'containers'])('finds its certificates in the certs.d of %s', async (tool) => {
    const image = await freshImage(registry.host, [1000]);
    const host = await alsoAs({ tls: certificates.server, clientAuthority: certificates.authority });
    const home = await tempFolder();
    const folder = join(home, '.config', tool, 'certs.d', host);
    await mkdir(folder, { recursive: true });
    await cp(certificates.authority, join(folder, 'ca.crt'));
    await cp(certificates.client.certificate, join(folder, 'client.cert'));
    await cp(certificates.client.key, join(folder, 'client.key'));
    const { pull } = await pullerWith({}, {}, { HOME: home });
    expect(await pull(`${host}/${image.name}`)).toMatchObject({ digest: image.digest });
  });

  test('that speaks plain http and is asked by https says what to set', async () => {
    const { pull } = await pullerWith({ 'registry.example': { endpoint: `https://${registry.host}` } });
    await expect(pull('registry.example/app:1')).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `cannot reach ${registry.host}: it was asked by https and answers in plain http`,
      hint: expect.stringContaining('"insecure"') as unknown,
    });
  });

  test('that speaks https and is asked by plain http says so', async () => {
    const host = await alsoAs({ tls: certificates.server });
    const { pull } = await pullerWith({ 'registry.example': { endpoint: `http://${host}` } });
    await expect(pull('registry.example/app:1')).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `cannot speak with ${host}: it was asked in plain http and speaks https`,
      hint: 'Write https:// in registries.json.',
    });
  });

  test('whose mirror is away is asked itself, and the mirror’s failure is told when both fail', async () => {
    const image = await freshImage(registry.host, [1000]);
    const mirrors = [`http://127.0.0.1:1`];
    const { pull } = await pullerWith({ [registry.host]: { mirrors } });
    expect(await pull(`${registry.host}/${image.name}`)).toMatchObject({ digest: image.digest });
    await expect(pull(`${registry.host}/nothing:1`)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: 'Tried before: cannot reach 127.0.0.1:1: it refuses the connection.',
    });
  });

  test('is served by a mirror that pulls through, under the name docker.io', async () => {
    const image = await freshImage(registry.host, [1000]);
    const mirror = await alsoAs({ proxyOf: `http://${registry.host}` });
    const { pull } = await pullerWith({ 'docker.io': { mirrors: [`http://${mirror}`] } });
    await run('skopeo', [
      'copy',
      '--preserve-digests',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      `docker://${registry.host}/${image.name}`,
      `docker://${registry.host}/library/${image.name}`,
    ]);
    expect(await pull(`index.docker.io/${image.name}`)).toMatchObject({ digest: image.digest });
  });

  test('whose names lie below a prefix, or whose server below a path, is asked there', async () => {
    const image = await freshImage(registry.host, [1000]);
    const proxy = await faultProxy(registry.host);
    const [repository = '', tag = ''] = image.name.split(':');
    await putRemoteDocument(registry.host, 'hub/app', 'x', { manifests: [] }, MEDIA_TYPES.ociIndex);
    const { pull } = await pullerWith({
      'one.example': { endpoint: `http://${proxy.host}/v2/${repository}` },
      'two.example': { endpoint: `http://${proxy.host}/registry/` },
    });
    await pull(`one.example/hub:${tag}`).catch(() => undefined);
    await pull(`two.example/team/app:${tag}`).catch(() => undefined);
    expect(proxy.requests.map(({ path }) => path)).toEqual([
      `/v2/${repository}/hub/manifests/${tag}`,
      `/registry/v2/team/app/manifests/${tag}`,
    ]);
  });

  test('that is blocked is never asked', async () => {
    const proxy = await faultProxy(registry.host);
    const { pull } = await pullerWith({ [proxy.host]: { blocked: true } });
    await expect(pull(`${proxy.host}/app:1`)).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `${proxy.host} is blocked in registries.json`,
    });
    expect(proxy.requests).toEqual([]);
  });

  test('is reached through the proxy that the environment names, but for what NO_PROXY names', async () => {
    const image = await freshImage(registry.host, [1000]);
    const seen: string[] = [];
    const proxy = await startWebProxy(registry.host, seen);
    onTestFinished(() => proxy.close());
    const secure = await alsoAs({ tls: certificates.server });
    const registries = {
      'plain.example': { endpoint: 'http://plain.example' },
      'direct.example': { endpoint: 'http://direct.example' },
      'secure.example': { endpoint: 'https://localhost.example', insecure: true },
    };
    const env = {
      HTTP_PROXY: `http://me:pass@${proxy.host}`,
      https_proxy: proxy.host,
      NO_PROXY: 'other.example,.direct.example',
    };
    const { pull } = await pullerWith(registries, { attempts: 1 }, env);
    expect(await pull(`plain.example/${image.name}`)).toMatchObject({ digest: image.digest });
    expect(seen[0]).toMatch(/^GET http:\/\/plain.example\/v2\/.* Basic bWU6cGFzcw==$/);
    seen.length = 0;
    await expect(pull('direct.example/app:1')).rejects.toMatchObject({ code: 'REGISTRY' });
    expect(seen).toEqual([]);
    proxy.tunnelTo(secure);
    expect(await pull(`secure.example/${image.name}`)).toMatchObject({ digest: image.digest });
    expect(seen[0]).toBe('CONNECT localhost.example:443');
  });

  test('does not get what authorizes us when a layer names an address of its own', async () => {
    const image = await freshImage(registry.host, [1000]);
    const [repository = ''] = image.name.split(':');
    const layer = image.layers[0] ?? image;
    const bytes = Buffer.from(
      await (await fetch(`http://${registry.host}/v2/${repository}/blobs/${layer.digest}`)).arrayBuffer(),
    );
    const seen: (string | undefined)[] = [];
    const storage = createHttps(
      { cert: await readFile(certificates.server.certificate), key: await readFile(certificates.server.key) },
      (request, response) => {
        seen.push(request.headers.authorization);
        response.end(bytes);
      },
    ).listen(0, '127.0.0.1');
    onTestFinished(() => void storage.close());
    await new Promise((resolve) => storage.once('listening', resolve));
    const place = `127.0.0.1:${(storage.address() as AddressInfo).port}`;
    const proxy = await faultProxy(registry.host);
    const urls = [`https://${place}/layer`];
    proxy.spoil(({ path, kind, authorization }) => {
      if (path.startsWith('/token')) return { answer: { status: 200, body: '{"token":"secret"}' } };
      const challenge = `Bearer realm="http://${proxy.host}/token",service="test"`;
      if (authorization === undefined)
        return { answer: { status: 401, headers: { 'www-authenticate': challenge } } };
      if (path.endsWith(layer.digest)) return { answer: { status: 404 } };
      if (kind !== 'manifest') return undefined;
      const change = (body: Buffer): Buffer => {
        const manifest = JSON.parse(body.toString()) as { layers: object[] };
        return Buffer.from(
          JSON.stringify({ ...manifest, layers: manifest.layers.map((each) => ({ ...each, urls })) }),
        );
      };
      return { change, headers: { 'content-length': undefined } };
    });
    const { pull, store } = await pullerWith({ [place]: { ca: certificates.authority } });
    await pull(`${proxy.host}/${image.name}`);
    expect([seen, await store.blobs.has(layer.digest)]).toEqual([[undefined], true]);
  });

  test('has the digests that skopeo sees and copies', async () => {
    const image = await freshImage(registry.host, [5000, 7000]);
    const { pull, store } = await pullerWith({});
    const { digest } = await pull(`${registry.host}/${image.name}`);
    const layout = await tempFolder();
    await run('skopeo', [
      'copy',
      '--preserve-digests',
      '--src-tls-verify=false',
      `docker://${registry.host}/${image.name}`,
      `oci:${layout}:1`,
    ]);
    const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as {
      manifests: { digest: string }[];
    };
    expect(index.manifests.map((each) => each.digest)).toEqual([digest]);
    for (const layer of image.layers) {
      const copied = await readFile(join(layout, 'blobs', layer.digest.replace(':', '/')));
      expect(Buffer.from(await store.blobs.read(layer.digest))).toEqual(copied);
    }
  });
});
