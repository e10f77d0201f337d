import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBusyboxContext } from '../fixtures/base-image.ts';
import { createBuildah, createBuildkit, createTarPigz, createVarve, type Builder } from './builders.ts';
import type { Measured } from './measure.ts';
import { writeDiamond, writeLargeFiles, writeManyFiles, writeMetadata, writeRuns } from './write-contexts.ts';

// npm run bench [-- --small]: Varve beside tar | pigz, BuildKit and buildah on this machine, in this run. See README.md
// here.

const MIB = 1024 * 1024;
const small = process.argv.includes('--small');
const SIZES = small
  ? { files: 2000, fileBytes: 15 * MIB, largeFiles: 2, largeBytes: 64 * MIB }
  : { files: 40_000, fileBytes: 300 * MIB, largeFiles: 8, largeBytes: 1024 * MIB };

/** The image that RUN starts from; each builder makes its own, from the same files. */
const BASE = 'varve-bench-base';

/** One line of the table: what was done, and how long each builder took over it. */
interface Row {
  readonly what: string;
  readonly results: ReadonlyMap<string, Measured>;
}

const work = mkdtempSync(join(tmpdir(), 'varve-bench-'));
try {
  await bench();
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const pigz = createTarPigz(work);
  const caching = [
    createVarve(join(work, 'varve')),
    createBuildkit(),
    createBuildah(join(work, 'buildah')),
  ].filter((builder) => builder !== undefined);
  const all = pigz === undefined ? caching : [...caching, pigz];
  print(
    [
      ...(await benchManyFiles(all, caching)),
      ...(await benchLargeFiles(all, caching)),
      ...(await benchSteps(caching)),
    ],
    all,
  );
}

async function benchManyFiles(all: readonly Builder[], caching: readonly Builder[]): Promise<readonly Row[]> {
  const context = prepare('many', (folder) => writeManyFiles(folder, SIZES.files, SIZES.fileBytes));
  const name = `${SIZES.files} files, ${SIZES.fileBytes / MIB} MB`;
  const cold = await run(`${name}: cold`, all, context);
  const unchanged = await run(`${name}: unchanged`, caching, context);
  appendFileSync(join(context, 'src', 'part-0', 'package-0', 'file-7.js'), '// changed\n');
  return [cold, unchanged, await run(`${name}: one changed`, caching, context)];
}

async function benchLargeFiles(
  all: readonly Builder[],
  caching: readonly Builder[],
): Promise<readonly Row[]> {
  const context = prepare('large', (folder) => writeLargeFiles(folder, SIZES.largeFiles, SIZES.largeBytes));
  const name = `${SIZES.largeFiles} files, ${SIZES.largeBytes / MIB} MB`;
  return [await run(`${name}: cold`, all, context), await run(`${name}: unchanged`, caching, context)];
}

/** What an instruction costs beside its work, and whether stages run beside each other. */
async function benchSteps(caching: readonly Builder[]): Promise<readonly Row[]> {
  const base = join(work, 'base');
  mkdirSync(base);
  await writeBusyboxContext(base);
  for (const builder of caching) await builder.build(base, BASE);
  return [
    await run(
      '50 metadata instructions',
      caching,
      prepare('metadata', (folder) => writeMetadata(folder, BASE)),
    ),
    await run(
      '20 RUN of true',
      caching,
      prepare('runs', (folder) => writeRuns(folder, BASE)),
    ),
    await run(
      '4 stages of 1 s, side by side',
      caching,
      prepare('diamond', (folder) => writeDiamond(folder, BASE)),
    ),
  ];
}

function prepare(name: string, write: (folder: string) => void): string {
  const folder = join(work, name);
  mkdirSync(folder);
  say(`writing the context ${name}`);
  write(folder);
  return folder;
}

async function run(what: string, builders: readonly Builder[], context: string): Promise<Row> {
  const results = new Map<string, Measured>();
  for (const builder of builders) {
    say(`${what}: ${builder.name}`);
    results.set(builder.name, await builder.build(context));
  }
  return { what, results };
}

function print(rows: readonly Row[], builders: readonly Builder[]): void {
  const heading = ['', ...builders.map(({ name }) => name)];
  const lines = rows.map(({ what, results }) => [what, ...builders.map(({ name }) => cell(results, name))]);
  const widths = heading.map((_, at) =>
    Math.max(...[heading, ...lines].map((line) => line[at]?.length ?? 0)),
  );
  console.log(
    `\n${availableParallelism()} cores, Node ${process.versions.node}; time, ×varve, peak memory\n`,
  );
  for (const line of [heading, ...lines]) {
    console.log(
      line
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('   ')
        .trimEnd(),
    );
  }
}

/** `3.71 s  1.6×  212 MB`, the factor against Varve's time in the same line. */
function cell(results: ReadonlyMap<string, Measured>, name: string): string {
  const result = results.get(name);
  if (result === undefined) return '-';
  const factor = result.seconds / (results.get('varve')?.seconds ?? NaN);
  const times = name === 'varve' ? '' : `${factor.toFixed(2)}×`;
  return `${result.seconds.toFixed(2).padStart(6)} s ${times.padStart(7)} ${Math.round(result.peakBytes / MIB)} MB`;
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
