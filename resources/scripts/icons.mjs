// Draws resources/icons/*.png from varve.svg with Debian's chromium. To be run after the drawing changes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inHome } from './lib/paths.mjs';
import { fail, run } from './lib/run.mjs';

const SIZES = [256, 512];

const svg = readFileSync(inHome('resources', 'icons', 'varve.svg'), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'varve-icons-'));
try {
  for (const size of SIZES) await draw(size);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function draw(size) {
  const page = join(work, `${size}.html`);
  const style = `<style>html,body{margin:0;overflow:hidden}svg{display:block;width:${size}px}</style>`;
  writeFileSync(page, `<!doctype html>${style}${svg}`);
  const shot = `--screenshot=${inHome('resources', 'icons', `${size}x${size}.png`)}`;
  const quiet = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
  ];
  const look = [`--window-size=${size},${size}`, '--default-background-color=00000000', '--hide-scrollbars'];
  const options = { stdio: 'ignore', timeoutMs: 60_000 };
  if (
    (await run(
      'chromium',
      [...quiet, ...look, `--user-data-dir=${work}/profile`, shot, `file://${page}`],
      options,
    )) !== 0
  ) {
    fail('chromium could not draw the icon');
  }
}
