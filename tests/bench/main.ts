import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBuildah, createTarPigz, createVarve, type Builder } from './builders.ts';
import type { Measured } from './measure.ts';
import { writeLargeFiles, writeManyFiles } from './write-contexts.ts';

// npm run bench [-- --small]: Varve beside tar | pigz and buildah on this machine, in this run. See README.md here.

const MIB = 1024 * 1024;
const small = process.argv.includes('--small');
const SIZES = small
  ? { files: 2000, fileBytes: 15 * MIB, largeFiles: 2, largeBytes: 64 * MIB }
  : { files: 40_000, fileBytes: 300 * MIB, largeFiles: 8, largeBytes: 1024 * MIB };

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
  const many = prepare('many', (folder) => writeManyFiles(folder, SIZES.files, SIZES.fileBytes));
  const large = prepare('large', (folder) => writeLargeFiles(folder, SIZES.largeFiles, SIZES.largeBytes));
  const varve = createVarve(join(work, 'varve'));
  const pigz = createTarPigz(work);
  const buildah = createBuildah(join(work, 'buildah'));
  const caching = [varve, buildah].filter((builder) => builder !== undefined);
  const all = [varve, pigz, buildah].filter((builder) => builder !== undefined);

  const manyName = `${SIZES.files} files, ${SIZES.fileBytes / MIB} MB`;
  const largeName = `${SIZES.largeFiles} files, ${SIZES.largeBytes / MIB} MB`;
  const rows = [
    await run(`${manyName}: cold`, all, many),
    await run(`${manyName}: unchanged`, caching, many),
  ];
  appendFileSync(join(many, 'src', 'part-0', 'package-0', 'file-7.js'), '// changed\n');
  rows.push(await run(`${manyName}: one changed`, caching, many));
  rows.push(
    await run(`${largeName}: cold`, all, large),
    await run(`${largeName}: unchanged`, caching, large),
  );
  print(rows, all);
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
