const { join } = require('node:path');
const { rmSync } = require('node:fs');
const { flipFuses, FuseV1Options, FuseVersion } = require('@electron/fuses');

/** What a packaged Electron may do beyond running Varve. It stays runnable as Node: the command line needs that. */
const FUSES = {
  version: FuseVersion.V1,
  [FuseV1Options.RunAsNode]: true,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  // Playwright drives a package through the inspector, so a package under test keeps it.
  [FuseV1Options.EnableNodeCliInspectArguments]: process.env.VARVE_PACKAGE_FOR_TESTS === '1',
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: process.platform !== 'linux',
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
};

async function afterPack({ appOutDir, packager }) {
  rmSync(join(appOutDir, 'resources', 'default_app.asar'), { force: true });
  if (packager.platform.nodeName === 'linux')
    await flipFuses(join(appOutDir, packager.executableName), FUSES);
}

/** `npm run package` says which Electron, where it is, and what to make. */
module.exports = {
  appId: 'dev.varve.Varve',
  productName: 'Varve',
  copyright: 'The Varve authors, Apache-2.0',
  directories: { output: 'dist', buildResources: 'resources/icons' },
  files: ['out/**', '!out/**/*.map', '!out/main/compiled/**', 'package.json', 'resources/icons/*.png'],
  // Beside the asar: what a shell runs, and folders that are copied whole.
  extraResources: [
    { from: 'resources/bin/varve', to: 'bin/varve' },
    { from: 'resources/samples', to: 'samples' },
  ],
  npmRebuild: false,
  asar: { smartUnpack: false },
  asarUnpack: ['**/*.node'],
  linux: {
    executableName: 'varve-desktop',
    category: 'Development',
    icon: 'resources/icons',
    synopsis: 'Container images without Docker',
    maintainer: 'The Varve authors',
    syncDesktopName: true,
  },
  afterPack,
};
