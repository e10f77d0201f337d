import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { measure, type Measured } from './measure.ts';

/** A builder under test, with a store of its own in the work folder. */
export interface Builder {
  readonly name: string;
  /** Builds the folder and tags the image; `FROM` finds what it tagged before. */
  build(context: string, tag?: string): Promise<Measured>;
}

const TAG = 'varve-bench';

const HOME = join(import.meta.dirname, '..', '..');

/** This checkout's command line; built (`npm run build`) if it is, as users run it. */
export function createVarve(store: string): Builder {
  const varve = join(HOME, 'resources', 'bin', 'varve');
  return {
    name: 'varve',
    build: (context, tag = TAG) => measure(varve, ['build', '-q', '-t', tag, context], { VARVE_ROOT: store }),
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
 * which its push has to do later; Varve's time has it in.
 */
export function createBuildah(store: string): Builder | undefined {
  if (!isInstalled('buildah')) return undefined;
  const driver = ['overlay', 'vfs'].find((name) => worksWith(name, store));
  if (driver === undefined) return undefined;
  return {
    name: `buildah (${driver})`,
    build: (context, tag = TAG) =>
      measure('buildah', [
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
  const [command = 'docker', ...words] = (process.env['VARVE_BENCH_DOCKER'] ?? 'docker').split(' ');
  const docker = (...args: string[]) => spawnSync(command, [...words, ...args], { encoding: 'utf8' });
  if (docker('buildx', 'inspect', '--bootstrap').status !== 0) return undefined;
  docker('builder', 'prune', '--all', '--force');
  const version = docker('version', '--format', '{{.Server.Version}}').stdout.trim();
  const build = ['buildx', 'build', '--quiet', '--provenance=false', '--network=host', '--load'];
  return {
    name: `BuildKit (Docker ${version})`,
    build: (context, tag = TAG) => measure(command, [...words, ...build, '--tag', tag, context]),
  };
}

function buildahStore(driver: string, store: string): string[] {
  const root = join(store, driver);
  return ['--storage-driver', driver, '--root', join(root, 'root'), '--runroot', join(root, 'run')];
}

function worksWith(driver: string, store: string): boolean {
  const made = spawnSync('buildah', [...buildahStore(driver, store), 'from', 'scratch'], {
    encoding: 'utf8',
  });
  if (made.status !== 0) return false;
  const name = made.stdout.trim();
  return spawnSync('buildah', [...buildahStore(driver, store), 'rm', name]).status === 0;
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}
