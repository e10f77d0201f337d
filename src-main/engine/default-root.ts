import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * The data folder of whoever runs this process: `$VARVE_ROOT`, else the platform's place for an application's data (on
 * Linux that of the XDG base directory specification). Always absolute; nothing is made.
 */
export function defaultRoot(env: Readonly<Record<string, string | undefined>>): string {
  const { platform } = process;
  const home = homedir();
  if (env['VARVE_ROOT']) return resolve(env['VARVE_ROOT']);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Varve');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Varve');
  const data = env['XDG_DATA_HOME'];
  // The specification has relative paths ignored.
  return join(data !== undefined && isAbsolute(data) ? data : join(home, '.local', 'share'), 'varve');
}
