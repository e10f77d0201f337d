import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { measure, type Measured } from './measure.ts';

/** A builder under test, with a store of its own in the work folder. */
export interface Builder {
  readonly name: string;
  /** Builds the folder and tags the image; `FROM` finds what it tagged before. */
  build(context: string, tag?: string): Promise<Measured>;
  /** Bytes of the largest layer of what was built last, as it is kept; absent where layers are not kept compressed. */
  layerBytes?(): number;
}

const TAG = 'varve-bench';

const HOME = join(import.meta.dirname, '..', '..');

/** This checkout's command line, built as users run it: from the sources it would start far more slowly. */
export function buildVarve(): string {
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: HOME, stdio: 'ignore' });
  if (status !== 0) throw new Error('npm run build fails: see there');
  return join(HOME, 'resources', 'bin', 'varve');
}

export function createVarve(varve: string, store: string): Builder {
  return {
    name: 'varve',
    build: (context, tag = TAG) => measure(varve, ['build', '-q', '-t', tag, context], { VARVE_ROOT: store }),
    layerBytes: () => largestFile(join(store, 'blobs', 'sha256')),
  };
}

/** `tar | pigz`: what reading and compressing the context costs alone, with no store, cache, digest or index. */
export function createTarPigz(work: string): Builder | undefined {
  if (!isInstalled('pigz')) return undefined;
  return {
    name: 'tar | pigz',
    build: (context) =>
      measure('sh', ['-c', 'tar -C "$1" -c . | pigz > "$2"', 'sh', context, join(work, 'context.tar.gz')]),
  };
}

/**
 * Buildah with its layer cache. It keeps layers unpacked and uncompressed, so that a build saves the compression
 * which its push has to do later; Varve's time has it in. `VARVE_BENCH_BUILDAH` names another command than `buildah`,
 * which has to see `$TMPDIR` under the same path.
 */
export function createBuildah(store: string): Builder | undefined {
  const [command, words] = commandOf('VARVE_BENCH_BUILDAH', 'buildah');
  const buildah = (...args: string[]) => spawnSync(command, [...words, ...args], { encoding: 'utf8' });
  if (buildah('--version').status !== 0) return undefined;
  const driver = ['overlay', 'vfs'].find((name) => worksWith(buildah, name, store));
  if (driver === undefined) return undefined;
  return {
    name: `buildah (${driver})`,
    build: (context, tag = TAG) =>
      measure(command, [
        ...words,
        ...buildahStore(driver, store),
        ...['bud', '--isolation', 'chroot', '--layers', '-q', '-t', tag, context],
      ]),
  };
}

/**
 * BuildKit in a running Docker, with an empty cache. Its layers are compressed, as Varve's are, where Docker keeps
 * images in containerd's store. `VARVE_BENCH_DOCKER` names another command than `docker`; its daemon has to see the
 * contexts, which lie in `$TMPDIR`, under the same path. The daemon's memory is not in the figures.
 */
export function createBuildkit(): Builder | undefined {
  const [command, words] = commandOf('VARVE_BENCH_DOCKER', 'docker');
  const docker = (...args: string[]) => spawnSync(command, [...words, ...args], { encoding: 'utf8' });
  if (docker('buildx', 'inspect', '--bootstrap').status !== 0) return undefined;
  docker('builder', 'prune', '--all', '--force');
  const version = docker('version', '--format', '{{.Server.Version}}').stdout.trim();
  const build = ['buildx', 'build', '--quiet', '--provenance=false', '--network=host', '--load'];
  return {
    name: `BuildKit (Docker ${version})`,
    build: (context, tag = TAG) => measure(command, [...words, ...build, '--tag', tag, context]),
    layerBytes: () => largestInArchive(`${[command, ...words].join(' ')} save ${TAG}`),
  };
}

function commandOf(variable: string, standard: string): readonly [string, readonly string[]] {
  const [command = standard, ...words] = (process.env[variable] ?? standard).split(' ');
  return [command, words];
}

function largestFile(folder: string): number {
  return Math.max(0, ...readdirSync(folder).map((name) => statSync(join(folder, name)).size));
}

/** The largest file of a tar that a command writes. */
function largestInArchive(command: string): number {
  const { stdout } = spawnSync('sh', ['-c', `${command} | tar --list --verbose`], { encoding: 'utf8' });
  const sizes = stdout.split('\n').map((line) => Number(line.split(/\s+/)[2]));
  return Math.max(0, ...sizes.filter((size) => Number.isInteger(size)));
}

function buildahStore(driver: string, store: string): string[] {
  const root = join(store, driver);
  return ['--storage-driver', driver, '--root', join(root, 'root'), '--runroot', join(root, 'run')];
}

function worksWith(
  buildah: (...args: string[]) => { readonly status: number | null; readonly stdout: string },
  driver: string,
  store: string,
): boolean {
  const made = buildah(...buildahStore(driver, store), 'from', 'scratch');
  if (made.status !== 0) return false;
  return buildah(...buildahStore(driver, store), 'rm', made.stdout.trim()).status === 0;
}

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}
