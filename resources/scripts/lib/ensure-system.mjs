import { hasProgram, isRoot, output, run, say } from './run.mjs';

/** Debian packages by what they are for. An array of alternatives: any one will do, the first is installed. */
export const WINDOW = ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'fonts-dejavu-core'];
export const SANDBOX = ['uidmap', 'crun'];
export const DISPLAY = ['xvfb', 'xauth'];
export const TESTS = [
  'busybox-static',
  'runc',
  'skopeo',
  'umoci',
  'docker-registry',
  'openssl',
  'git',
  'python3',
  'bzip2',
  'xz-utils',
  'zstd',
];

/**
 * Installs Debian packages that are missing when root; else says the command. Answers whether all are there now.
 * On a system without dpkg it can only trust.
 */
export async function ensureSystem(packages, purpose) {
  if (!hasProgram('dpkg-query')) return true;
  const missing = missingPackages(packages);
  if (missing.length === 0) return true;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!isRoot) {
    say(`${purpose} needs: sudo ${command}`);
    return false;
  }
  say(`installing what ${purpose} needs: ${missing.join(' ')}`);
  await install(missing);
  const still = missingPackages(packages);
  if (still.length > 0) say(`not installed: ${still.join(' ')} (apt-get, above, says why)`);
  return still.length === 0;
}

async function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const limits = [
    '-q',
    '-o',
    'Acquire::http::Timeout=30',
    '-o',
    'Acquire::Retries=2',
    '-o',
    'Dpkg::Use-Pty=0',
  ];
  const stdio = ['ignore', 'ignore', 'inherit'];
  const arguments_ = [...limits, 'install', '-y', '--no-install-recommends', ...packages];
  if ((await run('apt-get', arguments_, { env, stdio: ['ignore', 'ignore', 'ignore'] })) === 0) return;
  // The package lists may be missing or old.
  await run('apt-get', [...limits, 'update'], { env, stdio });
  await run('apt-get', arguments_, { env, stdio });
}

function missingPackages(packages) {
  return packages
    .map((entry) => (Array.isArray(entry) ? entry : [entry]))
    .filter((alternatives) => !alternatives.some(isInstalled))
    .map(([first]) => first);
}

function isInstalled(name) {
  // Debian 13 renamed some libraries for their 64-bit time: libgtk-3-0t64.
  return [name, `${name}t64`].some((each) =>
    output('dpkg-query', ['-W', '-f', '${Status}', each])?.includes('install ok installed'),
  );
}
