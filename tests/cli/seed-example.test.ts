import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { buildPythonBase } from '../fixtures/python-base.ts';
import { hasRegistryServer, startRegistryServer, type RegistryServer } from '../fixtures/registry-server.ts';
import { runVarve } from '../fixtures/varve-cli.ts';
import { useSandboxWorkshop } from './support/use-sandbox-workshop.ts';

const run = promisify(execFile);
const BASE = 'python:3.12-slim';

const PROJECT = {
  Dockerfile: `FROM python:3.12-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "app.py"]
`,
  'requirements.txt': 'greeting==1.2\n',
  'app.py': 'import greeting\nprint(greeting.text)\n',
};

const { workshop, inSandbox } = useSandboxWorkshop();

describe.skipIf(!(await hasRegistryServer()))('a project on Python, with a mirror of docker.io', () => {
  let registry: RegistryServer;

  beforeAll(async () => {
    registry = await startRegistryServer(workshop.folder);
    await buildPythonBase(workshop.root, 'base:1');
    await workshop.out(['push', '-q', 'base:1', `${registry.host}/library/${BASE}`]);
  });
  afterAll(() => registry.close());

  /** A store that knows the mirror and has no image. */
  async function emptyStore(name: string): Promise<string> {
    const root = join(workshop.folder, name);
    await mkdir(root);
    const mirrors = { registries: { 'docker.io': { mirrors: [`http://${registry.host}`] } } };
    await writeFile(join(root, 'registries.json'), JSON.stringify(mirrors));
    return root;
  }

  async function out(root: string, args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await runVarve(root, args);
    if (status !== 0) throw new Error(`varve ${args.join(' ')} ended with ${status}:\n${stderr}`);
    return stdout;
  }

  async function remoteDigest(name: string): Promise<string> {
    const args = [
      'inspect',
      '--tls-verify=false',
      '--format',
      '{{.Digest}}',
      `docker://${registry.host}/${name}`,
    ];
    return (await run('skopeo', args)).stdout.trim();
  }

  inSandbox(
    'is built, pushed, and pulled by its digest into an empty store, where it runs',
    async () => {
      const root = await emptyStore('builder');
      const context = await workshop.write('project', PROJECT);
      const metadata = join(workshop.folder, 'metadata.json');
      await out(root, ['build', '-t', 'myapp:1.0', '--metadata-file', metadata, context]);

      const [image] = JSON.parse(await out(root, ['inspect', 'myapp:1.0'])) as [Record<string, unknown>];
      const digest = String(image['Digest']);
      expect(image).toMatchObject({
        RepoTags: ['myapp:1.0'],
        Config: { Cmd: ['python', 'app.py'], WorkingDir: '/app' },
      });
      const listed = ['images', '--digests', '--format', '{{.Repository}}:{{.Tag}} {{.Digest}}'];
      expect(await out(root, [...listed, 'myapp'])).toBe(`myapp:1.0 ${digest}\n`);
      // The base's tag stands here as it stands at the registry.
      const base = await remoteDigest(`library/${BASE}`);
      expect(await out(root, [...listed, 'python'])).toBe(`${BASE} ${base}\n`);
      const built = JSON.parse(await out(root, ['builds', 'inspect', '--format', 'json'])) as object;
      expect(built).toMatchObject({ Materials: [{ URI: BASE, Digests: [base] }] });
      expect(JSON.parse((await run('cat', [metadata])).stdout)).toMatchObject({
        'containerimage.digest': digest,
        'varve.bases': [{ name: BASE, digest: base }],
      });

      await out(root, ['push', 'myapp:1.0', `${registry.host}/myapp:1.0`]);
      expect(await remoteDigest('myapp:1.0')).toBe(digest);

      const other = await emptyStore('other');
      const name = `${registry.host}/myapp@${digest}`;
      expect(await out(other, ['pull', name])).toContain(`Digest: ${digest}`);
      expect(await out(other, ['images', '-a', '-q', '--no-trunc'])).toBe(`${String(image['Id'])}\n`);
      const trial = await workshop.write('trial', {
        Dockerfile: `FROM ${name}\nRUN python app.py > /said\n`,
      });
      await out(other, ['build', '-q', '-t', 'trial', trial]);
      expect(await out(other, ['cat', 'trial', '/said'])).toBe('hello from greeting 1.2\n');
      expect((await runVarve(other, ['verify'])).status).toBe(0);
    },
    30_000,
  );

  inSandbox(
    'says with --pull that the base has moved, and builds on what it is now',
    async () => {
      const root = await emptyStore('mover');
      const context = await workshop.write('moving', PROJECT);
      await out(root, ['build', '-q', '-t', 'myapp:1.0', context]);
      const before = await remoteDigest(`library/${BASE}`);
      const newer = await workshop.write('newer', { Dockerfile: 'FROM base:1\nENV PYTHON_VERSION=3.12.1\n' });
      await workshop.out(['build', '-q', '-t', 'base:2', newer]);
      await workshop.out(['push', '-q', 'base:2', `${registry.host}/library/${BASE}`]);
      const after = await remoteDigest(`library/${BASE}`);
      const still = await runVarve(root, ['build', '--progress', 'plain', '-t', 'myapp:1.1', context]);
      expect(still.stderr).toContain(`${BASE} is ${before}`);
      const moved = await runVarve(root, [
        'build',
        '--pull',
        '--progress',
        'plain',
        '-t',
        'myapp:1.2',
        context,
      ]);
      const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);
      expect(moved.stderr).toContain(`${BASE} moved ${short(before)} -> ${short(after)}`);
      expect(await out(root, ['inspect', '--format', '{{json .Config.Env}}', 'myapp:1.2'])).toContain(
        '3.12.1',
      );
      expect(await out(root, ['builds', 'inspect'])).toMatch(new RegExp(`${BASE} +${after} +${before}`));
      await registry.close();
      const refused = await runVarve(root, ['build', '--pull', '-q', context]);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain(`${BASE} is here as ${after}: build without --pull to take that.`);
      expect((await runVarve(root, ['build', '-q', context])).status).toBe(0);
    },
    30_000,
  );
});
