import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, lutimes, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { VARVE, VARVE_SOURCE } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const workshop = useWorkshop();
const isRoot = process.getuid?.() === 0;

const DOCKERFILE = `FROM busybox
COPY . /app
WORKDIR /work/deep
ADD b/z.txt /work/
RUN mkdir /made && echo b > /made/b && echo a > /made/a && ln /made/a /made/c && rm -r /app/b
RUN --mount=source=a,target=/m stat -c '%n %Y' /made /made/a /app/Dockerfile /work/deep /m/x > /seen && cp -p /m/x /
`;

/** Where and as whom a build runs. */
interface Machine {
  readonly name: string;
  readonly hostname: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names in the order in which they are written. */
  readonly order: readonly string[];
  readonly uid: number;
  readonly mtime: number;
}

const HERE: Machine = {
  name: 'here',
  hostname: 'here',
  env: { TZ: 'UTC', LANG: 'C.UTF-8' },
  order: ['a/x', 'a/Y', 'b/z.txt', 'b/ä.txt'],
  uid: 0,
  mtime: 1_000_000_000,
};
const THERE: Machine = {
  name: 'there',
  hostname: 'another-host',
  env: { TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', USER: 'other', HOME: '/nowhere' },
  order: HERE.order.toReversed(),
  uid: 1234,
  mtime: 1_600_000_000,
};

async function writeContext({ name, order, uid, mtime }: Machine): Promise<string> {
  const context = join(workshop.folder, name);
  for (const path of [...order, 'Dockerfile']) {
    await mkdir(join(context, path, '..'), { recursive: true });
    await writeFile(join(context, path), path === 'Dockerfile' ? DOCKERFILE : path);
  }
  for (const path of await readdir(context, { recursive: true })) {
    const full = join(context, path);
    await chmod(full, (await isFolder(full)) ? 0o755 : 0o644);
    if (isRoot) await chown(full, uid, uid);
    await utimes(full, mtime, mtime);
  }
  await lutimes(context, mtime, mtime);
  return context;
}

async function isFolder(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}

/** Builds on a data folder of its own, and answers the digest. */
async function buildOn(
  machine: Machine,
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const root = join(workshop.folder, `store-${machine.name}`);
  await cp(join(workshop.folder, 'base'), root, { recursive: true, force: false });
  const context = await writeContext(machine);
  const build = [
    VARVE,
    'build',
    '-t',
    'made:1',
    '--metadata-file',
    join(root, 'out.json'),
    ...options,
    context,
  ];
  const uts = isRoot
    ? ['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', machine.hostname, ...build]
    : build;
  const [program = '', ...args] = uts;
  const child = spawn(program, args, {
    env: { ...process.env, ...VARVE_SOURCE, ...machine.env, ...env, VARVE_ROOT: root },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [log] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(child.exitCode, log).toBe(0);
  return { root, digest: await digestIn(root) };
}

async function digestIn(root: string): Promise<string> {
  const { stdout } = await onRoot(root, ['images', '--digests', '--format', '{{.Digest}}', 'made']);
  return stdout.trim();
}

function onRoot(root: string, args: readonly string[]) {
  return workshop.varve(args, { env: { VARVE_ROOT: root } });
}

describe('--reproducible', () => {
  test('gives one digest on two machines, for two copies of a context, and no time but the epoch', async () => {
    await buildBusyboxBase(join(workshop.folder, 'base'));
    const here = await buildOn(HERE, ['--reproducible']);
    const there = await buildOn(THERE, ['--reproducible']);
    expect(here.digest).toMatch(/^sha256:/);
    expect(there.digest).toBe(here.digest);
    const seen = await onRoot(there.root, ['cat', 'made:1', '/seen']);
    expect(seen.stdout).toBe('/made 0\n/made/a 0\n/app/Dockerfile 0\n/work/deep 0\n/m/x 0\n');
    const again = await buildOn(HERE, ['--reproducible', '--no-cache']);
    expect(again.digest).toBe(here.digest);
  });

  test('takes SOURCE_DATE_EPOCH, from the environment or as an argument, and never a layer with other times', async () => {
    const first = await buildOn(HERE, ['--reproducible']);
    const byEnvironment = await buildOn(HERE, ['--reproducible'], { SOURCE_DATE_EPOCH: '1234567890' });
    const byArgument = await buildOn(THERE, [
      '--reproducible',
      '--build-arg',
      'SOURCE_DATE_EPOCH=1234567890',
    ]);
    expect(byArgument.digest).toBe(byEnvironment.digest);
    expect(byArgument.digest).not.toBe(first.digest);
    const { stdout } = await onRoot(byArgument.root, ['cat', 'made:1', '/seen']);
    expect(stdout).toBe(
      ['/made', '/made/a', '/app/Dockerfile', '/work/deep', '/m/x']
        .map((path) => `${path} 1234567890\n`)
        .join(''),
    );
  });

  test('leaves the layers and the history of the base as they are', async () => {
    const { root } = await buildOn(HERE, ['--reproducible']);
    const read = async (name: string) => {
      const { stdout } = await onRoot(root, ['inspect', name]);
      return (JSON.parse(stdout) as [{ Created: string; RootFS: { Layers: string[] } }])[0];
    };
    const history = async (name: string) => {
      const { stdout } = await onRoot(root, [
        'history',
        '--no-trunc',
        '--format',
        '{{.CreatedAt}} {{.CreatedBy}}',
        name,
      ]);
      return stdout;
    };
    expect((await history('made:1')).endsWith(await history('busybox:latest'))).toBe(true);
    const [base, made] = [await read('busybox:latest'), await read('made:1')];
    expect(made.RootFS.Layers.slice(0, base.RootFS.Layers.length)).toEqual(base.RootFS.Layers);
    expect(made.Created).toBe('1970-01-01T00:00:00.000Z');
  });
});
