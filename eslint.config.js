import svelte from 'eslint-plugin-svelte';
import prettier from 'eslint-config-prettier';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const typed = {
  parserOptions: {
    projectService: { allowDefaultProject: ['*.js', '*.cjs'] },
    extraFileExtensions: ['.svelte'],
    tsconfigRootDir: import.meta.dirname,
  },
};

/** What keeps promises and outside values honest; the formatter and the compiler do the rest. */
const rules = {
  '@typescript-eslint/no-floating-promises': [
    'error',
    { allowForKnownSafeCalls: [{ from: 'package', name: ['test', 'describe'], package: 'vitest' }] },
  ],
  '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-unsafe-assignment': 'error',
  '@typescript-eslint/no-unsafe-call': 'error',
  '@typescript-eslint/no-unsafe-member-access': 'error',
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
  ],
  'no-unused-vars': 'off',
  'no-empty': ['error', { allowEmptyCatch: false }],
  'prefer-const': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-var': 'error',
  'no-restricted-syntax': [
    'error',
    { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
    { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
  ],
};

/** dependency-cruiser cannot see type imports inside .svelte files; this rule can. */
const rendererImports = {
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        {
          regex: 'src-main/(?!contract/|rpc/connect)',
          message: 'The page imports only the contract and rpc/connect from src-main.',
        },
        { regex: '^(node:|electron$|better-sqlite3$|ws$|pino$)', message: 'The page runs in a browser.' },
      ],
    },
  ],
};

export default tseslint.config(
  {
    ignores: [
      'out/',
      'dist/',
      'node_modules/',
      'test-results/',
      'playwright-report/',
      'tests/fixtures/',
      'resources/samples/',
    ],
  },
  tseslint.configs.base,
  { files: ['**/*.ts'], languageOptions: { ...typed, globals: globals.node }, rules },
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { ...typed.parserOptions, parser: tseslint.parser },
      globals: globals.browser,
    },
    rules: {
      ...rules,
      'svelte/no-at-html-tags': 'error',
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      // Engine data is $state.raw; maps and sets in state classes are bookkeeping that no markup reads.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    // To ESLint every imported component is `any`; svelte-check knows their types and checks the same.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['src-renderer/**/*.{ts,svelte}'],
    languageOptions: { globals: globals.browser },
    rules: rendererImports,
  },
  { files: ['*.config.{ts,js}'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: globals.node },
  },
  prettier,
  ...svelte.configs.prettier,
);
