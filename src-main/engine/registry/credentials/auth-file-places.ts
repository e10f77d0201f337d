import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the places of other programs' files depend on. */
export interface CredentialSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly uid: number | undefined;
}

/** This process's own, in this environment. */
export function surroundingsIn(env: CredentialSurroundings['env']): CredentialSurroundings {
  return { env, platform: process.platform, home: env['HOME'] || homedir(), uid: process.getuid?.() };
}

/** Docker's configuration: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerConfigPath({ env, home }: CredentialSurroundings): string {
  return join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json');
}

/** Podman's files in its order: `$REGISTRY_AUTH_FILE` alone, else that of this session, then that of this user. */
export function podmanAuthPaths(surroundings: CredentialSurroundings): readonly string[] {
  const { env, home } = surroundings;
  const named = env['REGISTRY_AUTH_FILE'];
  if (named) return [named];
  const own = join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers', 'auth.json');
  const session = sessionFolder(surroundings);
  return session === undefined ? [own] : [join(session, 'auth.json'), own];
}

function sessionFolder({ env, platform, uid }: CredentialSurroundings): string | undefined {
  const runtime = env['XDG_RUNTIME_DIR'];
  if (platform !== 'linux') return undefined;
  if (runtime) return join(runtime, 'containers');
  return uid === undefined ? undefined : `/run/containers/${uid}`;
}
