import { readFile } from 'node:fs/promises';
import { hasTool } from './has-tool.ts';
import { currentHostUser, readIdMap, type HostUser } from './id-map.ts';
import { RUNTIMES } from './runtime.ts';

/** The package of each tool that a run calls, by the name that nearly all distributions give it. */
const TOOLS: readonly (readonly [tool: string, pack: string])[] = [
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['flock', 'util-linux'],
  ['mount', 'mount'],
  ['tar', 'tar'],
  ['find', 'findutils'],
];
const ROOTLESS_TOOLS: readonly (readonly [tool: string, pack: string])[] = [
  ['newuidmap', 'uidmap'],
  ['newgidmap', 'uidmap'],
];

/** How each package manager installs, and what it calls the two packages whose names differ. */
const INSTALLERS: readonly (readonly [
  tool: string,
  command: string,
  names: Readonly<Record<string, string>>,
])[] = [
  ['apt-get', 'apt-get install', {}],
  ['dnf', 'dnf install', { uidmap: 'shadow-utils', mount: 'util-linux' }],
  ['zypper', 'zypper install', { uidmap: 'shadow', mount: 'util-linux' }],
  ['pacman', 'pacman -S', { uidmap: 'shadow', mount: 'util-linux' }],
  ['apk', 'apk add', { uidmap: 'shadow-uidmap' }],
];

/** What keeps RUN from working on this machine and is plain to see, with what to do; undefined when nothing is. */
export async function findObstacle(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'RUN needs Linux; every other instruction works here.';
  const missing = await missingPackages();
  if (missing.length > 0) {
    return `RUN needs a sandbox: install it with \`${await installCommand(missing)}\`.`;
  }
  return process.getuid?.() === 0 ? undefined : missingIds(currentHostUser());
}

/** Settings of the kernel that forbid user namespaces, each with the value that allows them. */
const SYSCTLS: readonly (readonly [name: string, forbids: (value: number) => boolean, allow: string])[] = [
  ['kernel.unprivileged_userns_clone', (value) => value === 0, '1'],
  ['kernel.apparmor_restrict_unprivileged_userns', (value) => value !== 0, '0'],
  ['user.max_user_namespaces', (value) => value === 0, '15000'],
];

/** Why the system may have refused a namespace or a mount. */
export async function explainRefusal(): Promise<string> {
  for (const [name, forbids, allow] of SYSCTLS) {
    const value = await readNumber(`/proc/sys/${name.replaceAll('.', '/')}`);
    if (value !== undefined && forbids(value)) {
      return `The system forbids ordinary users the namespaces that RUN needs: allow them with \`sudo sysctl -w ${name}=${allow}\`.`;
    }
  }
  return 'Inside a container, RUN needs a privileged one (`--privileged`); elsewhere Linux 5.11 or newer.';
}

async function missingPackages(): Promise<readonly string[]> {
  const needed = process.getuid?.() === 0 ? TOOLS : [...TOOLS, ...ROOTLESS_TOOLS];
  const missing = new Set<string>();
  for (const [tool, pack] of needed) if (!(await hasTool(tool))) missing.add(pack);
  const runtimes = await Promise.all(RUNTIMES.map(({ name }) => hasTool(name)));
  if (!runtimes.includes(true)) missing.add('crun');
  return [...missing];
}

async function installCommand(packages: readonly string[]): Promise<string> {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  for (const [tool, command, names] of INSTALLERS) {
    if (!(await hasTool(tool))) continue;
    return `${sudo}${command} ${[...new Set(packages.map((each) => names[each] ?? each))].join(' ')}`;
  }
  return `${sudo}<package manager> install ${packages.join(' ')}`;
}

async function missingIds(user: HostUser): Promise<string | undefined> {
  if ((await readIdMap(user)) !== undefined) return undefined;
  const range = await freeRange();
  return `RUN needs ids of its own for ${user.name}: give them with \`sudo usermod --add-subuids ${range} --add-subgids ${range} ${user.name}\`.`;
}

const FIRST_FREE_ID = 100_000;
const RANGE_COUNT = 65_536;

/** A range that no user has yet. */
async function freeRange(): Promise<string> {
  const texts = await Promise.all(
    ['/etc/subuid', '/etc/subgid'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const ends = texts
    .join('\n')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([, start, count]) => Number(start) + Number(count))
    .filter((end) => Number.isSafeInteger(end));
  const start = Math.max(FIRST_FREE_ID, ...ends);
  return `${start}-${start + RANGE_COUNT - 1}`;
}

async function readNumber(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text);
}
