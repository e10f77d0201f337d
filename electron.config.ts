import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

/**
 * The build. Everything that Node or Electron's main process runs becomes a CommonJS module in one flat folder, chunks
 * beside entries: every one of them finds package.json and resources/ two folders up, as the sources do. As ES modules
 * they would take a tenth longer to start.
 *
 *   out/main/window.cjs         Electron's main process            src-main/desktop/main.ts
 *   out/main/engine.cjs         the engine's process               src-main/engine-host/main.ts
 *   out/main/cli.cjs            the command line                   src-main/cli/main.ts
 *   out/main/browser.cjs        the page for a browser             src-main/browser/main.ts
 *   out/preload/preload.cjs     the sandboxed preload (CommonJS)   src-main/preload/preload.ts
 *   out/renderer/index.html     the page                           src-renderer/
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      // Hundreds of small files, which the command line would look up and read at each start.
      externalizeDeps: { exclude: ['commander', 'undici', 'zod'] },
      minify: false,
      sourcemap: true,
      target: 'node24',
      rolldownOptions: {
        input: {
          window: 'src-main/desktop/main.ts',
          engine: 'src-main/engine-host/main.ts',
          cli: 'src-main/cli/main.ts',
          browser: 'src-main/browser/main.ts',
        },
        output: {
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: '[name]-[hash].cjs',
          // Without comments and blanks the command line is read and checked faster; names stay for stack traces.
          minify: { compress: false, mangle: false },
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      minify: false,
      rolldownOptions: {
        input: { preload: 'src-main/preload/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [svelte({ configFile: '../svelte.config.js' })],
    build: {
      outDir: 'out/renderer',
      target: 'chrome142',
      // Inlined files would need `data:` in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: 'src-renderer/index.html' },
    },
  },
});
