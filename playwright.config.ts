import { defineConfig } from '@playwright/test';

/** End-to-end tests drive the built application in real Electron; `npm test` sets everything up for them. */
export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  // What passes only at a second try is counted as passed, and named at the end of `npm test`.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [
    ['list'],
    ...(process.env.VARVE_E2E_REPORT
      ? [['json', { outputFile: process.env.VARVE_E2E_REPORT }] as const]
      : []),
  ],
});
