/**
 * Imports point one way (README, "The map"). Each row is a folder and all that it may import besides itself and
 * the contract; `engine.ts` is the composition root that alone knows every part of the engine.
 */
const MAY_IMPORT = {
  contract: [],
  rpc: [],
  'engine/oci': [],
  'engine/dockerfile': [],
  'engine/tar': ['engine/oci'],
  'engine/store': ['engine/oci'],
  'engine/filetree': ['engine/oci', 'engine/tar', 'engine/store'],
  'engine/image': ['engine/oci', 'engine/tar', 'engine/store', 'engine/filetree'],
  'engine/registry': ['engine/oci', 'engine/store'],
  'engine/sandbox': ['engine/oci', 'engine/tar', 'engine/store', 'engine/filetree'],
  'engine/build': [
    'engine/oci',
    'engine/dockerfile',
    'engine/tar',
    'engine/store',
    'engine/filetree',
    'engine/image',
    'engine/registry',
    'engine/sandbox',
  ],
  'engine/history': ['engine/oci', 'engine/store'],
  'engine/language': [
    'engine/oci',
    'engine/dockerfile',
    'engine/store',
    'engine/filetree',
    'engine/image',
    'engine/build',
  ],
  'engine/api': [
    'engine/oci',
    'engine/dockerfile',
    'engine/language',
    'engine/store',
    'engine/filetree',
    'engine/image',
    'engine/registry',
    'engine/sandbox',
    'engine/build',
    'engine/history',
  ],
  'engine-host': ['engine/engine.ts', 'rpc'],
  desktop: ['rpc'],
  preload: [],
  browser: ['rpc'],
  cli: ['engine/engine.ts', 'engine/look-ahead.ts', 'rpc'],
};

/** What every part of the engine may use. */
const ENGINE_WIDE = ['engine/log.ts', 'engine/pace.ts', 'engine/parse-json.ts'];

const row = ([folder, targets]) => ({
  name: `${folder}-imports`,
  comment: `src-main/${folder} may import: ${['contract', ...targets].join(', ')}`,
  severity: 'error',
  from: { path: `^src-main/${folder}/` },
  to: {
    path: '^(src-main|src-renderer|tests)/',
    pathNot: [
      `^src-main/${folder}/`,
      '^src-main/contract/',
      ...[...targets, ...(folder.startsWith('engine/') ? ENGINE_WIDE : [])].map((t) => `^src-main/${t}(/|$)`),
    ],
  },
});

const electronOnlyIn = {
  name: 'electron-only-in-desktop-and-preload',
  severity: 'error',
  from: { path: '^(src-main|src-renderer)/', pathNot: '^src-main/(desktop|preload)/' },
  to: { path: '(^electron$|node_modules/electron/)' },
};

module.exports = {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(row),
    electronOnlyIn,
    {
      name: 'renderer-imports',
      comment: 'src-renderer may import: contract, rpc/connect',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^src-main/', pathNot: '^src-main/(contract/|rpc/connect)' },
    },
    {
      name: 'ui-knows-no-containers',
      comment: 'src-renderer/ui imports nothing of the screens, the state or the contract',
      severity: 'error',
      from: { path: '^src-renderer/ui/' },
      to: { path: '^(src-main/|src-renderer/(?!ui/))' },
    },
    { name: 'no-tests-in-sources', severity: 'error', from: { path: '^src-' }, to: { path: '^tests/' } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^src-' },
      to: { couldNotResolve: true, pathNot: '^electron$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(out|dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.svelte', '.json'],
    },
  },
};
