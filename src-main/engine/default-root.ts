import { join } from 'node:path';

export interface RootSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: string;
}

/** The store's folder: `$VARVE_ROOT`, or `varve` in the platform's folder for an application's data. */
export function defaultRoot({ env, home, platform }: RootSurroundings): string {
  if (env.VARVE_ROOT) return env.VARVE_ROOT;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Varve');
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Varve');
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'varve');
}
