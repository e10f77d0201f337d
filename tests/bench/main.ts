import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBusyboxContext } from '../fixtures/base-image.ts';
import {
  buildVarve,
  createBuildah,
  createBuildkit,
  createTarPigz,
  createVarve,
  type Builder,
} from './builders.ts';
import type { Measured } from './measure.ts';
import { canTransfer, skopeoMover, transfer, varveMover, type Mover } from './transfers.ts';
import { writeDiamond, writeLargeFiles, writeManyFiles, writeMetadata, writeRuns } from './write-contexts.ts';
import { writeLayout } from './write-layout.ts';

// npm run bench [-- --small] [-- --builds | --transfers]: Varve beside tar | pigz, BuildKit, buildah and skopeo on this
// machine, in this run. See README.md here.

const MIB = 1024 * 1024;
const small = process.argv.includes('--small');
const SIZES = small
  ? { files: 2000, fileBytes: 15 * MIB, largeFiles: 2, largeBytes: 64 * MIB, layerMiB: 64 }
  : { files: 40_000, fileBytes: 300 * MIB, largeFiles: 8, largeBytes: 1024 * MIB, layerMiB: 2048 };
const MANY_LAYERS = 64;

/** The image that RUN starts from; each builder makes its own, from the same files. */
const BASE = 'varve-bench-base';

/** Times of Varve divided by BuildKit's, or skopeo's, that are to be reached. */
const BARS = { cold: 0.25, unchanged: 0.15, changed: 0.25, large: 0.5, run: 0.4, transfer: 1 };

/** One line of a table: what was done, and how long each program took over it, or how large its layer is. */
interface Row {
  readonly what: string;
  readonly results: ReadonlyMap<string, Measured | number>;
  /** The ratio that is to be reached. */
  readonly bar?: number | undefined;
}

/** Lines that compare the same programs. */
interface Table {
  readonly rows: readonly Row[];
  readonly programs: readonly string[];
  /** The one that the bars are about, by the beginning of its name. */
  readonly peer: string;
  /** What Varve may never take. */
  readonly memoryBarMiB: number;
}

const work = mkdtempSync(join(tmpdir(), 'varve-bench-'));
try {
  await bench();
} finally {
  unmountBelow(work);
  rmSync(work, { recursive: true, force: true });
}

/** Buildah leaves its storage mounted, from outside under a longer path where it runs in another root. */
function unmountBelow(folder: string): void {
  const mounts = existsSync('/proc/mounts') ? readFileSync('/proc/mounts', 'utf8').split('\n') : [];
  const points = mounts
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => point.includes(`${folder}/`));
  for (const point of points.toReversed()) spawnSync('umount', ['--lazy', point]);
}

async function bench(): Promise<void> {
  const varve = buildVarve();
  if (!process.argv.includes('--transfers')) print(await benchBuilds(varve));
  if (!process.argv.includes('--builds')) print(await benchTransfers(varve));
}

async function benchBuilds(varve: string): Promise<Table> {
  const pigz = createTarPigz(work);
  const caching = [
    createVarve(varve, join(work, 'varve')),
    createBuildkit(),
    createBuildah(join(work, 'buildah')),
  ].filter((builder) => builder !== undefined);
  const all = pigz === undefined ? caching : [...caching, pigz];
  const rows = [
    ...(await benchManyFiles(all, caching)),
    ...(await benchLargeFiles(all, caching)),
    ...(await benchSteps(caching)),
  ];
  return { rows, programs: all.map(({ name }) => name), peer: 'BuildKit', memoryBarMiB: 400 };
}

async function benchTransfers(varve: string): Promise<Table> {
  const skopeo = skopeoMover();
  const rows: Row[] = [];
  if (skopeo === undefined || !(await canTransfer())) say('docker-registry or skopeo is not installed');
  else {
    const movers = [varveMover(varve), skopeo];
    const large = `one layer of ${SIZES.layerMiB} MiB`;
    rows.push(...(await benchTransfer(large, movers, 1, SIZES.layerMiB)));
    const each = SIZES.layerMiB / MANY_LAYERS;
    rows.push(...(await benchTransfer(`${MANY_LAYERS} layers of ${each} MiB`, movers, MANY_LAYERS, each)));
  }
  return { rows, programs: ['varve', 'skopeo'], peer: 'skopeo', memoryBarMiB: 200 };
}

async function benchTransfer(
  what: string,
  movers: readonly Mover[],
  layers: number,
  layerMiB: number,
): Promise<readonly Row[]> {
  const layout = join(work, 'layout');
  say(`${what}: writing, pulling and pushing`);
  await writeLayout(layout, layers, layerMiB * MIB);
  const { pull, push } = await transfer(movers, layout, work);
  return [
    { what: `pull ${what}`, results: pull, bar: BARS.transfer },
    { what: `push ${what}`, results: push, bar: BARS.transfer },
  ];
}

async function benchManyFiles(all: readonly Builder[], caching: readonly Builder[]): Promise<readonly Row[]> {
  const context = prepare('many', (folder) => writeManyFiles(folder, SIZES.files, SIZES.fileBytes));
  const name = `${SIZES.files} files, ${SIZES.fileBytes / MIB} MB`;
  const cold = await run(`${name}: cold`, all, context, BARS.cold);
  const layer = sizesOf(`${name}: layer`, caching);
  const unchanged = await run(`${name}: unchanged`, caching, context, BARS.unchanged);
  appendFileSync(join(context, 'src', 'part-0', 'package-0', 'file-7.js'), '// changed\n');
  return [cold, layer, unchanged, await run(`${name}: one changed`, caching, context, BARS.changed)];
}

async function benchLargeFiles(
  all: readonly Builder[],
  caching: readonly Builder[],
): Promise<readonly Row[]> {
  const context = prepare('large', (folder) => writeLargeFiles(folder, SIZES.largeFiles, SIZES.largeBytes));
  const name = `${SIZES.largeFiles} files, ${SIZES.largeBytes / MIB} MB`;
  const cold = await run(`${name}: cold`, all, context, BARS.large);
  const layer = sizesOf(`${name}: layer`, caching);
  return [cold, layer, await run(`${name}: unchanged`, caching, context)];
}

function sizesOf(what: string, builders: readonly Builder[]): Row {
  const sizes = builders.flatMap(({ name, layerBytes }) =>
    layerBytes === undefined ? [] : [[name, layerBytes()] as const],
  );
  return { what, results: new Map(sizes) };
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
      BARS.run,
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

async function run(what: string, builders: readonly Builder[], context: string, bar?: number): Promise<Row> {
  const results = new Map<string, Measured>();
  for (const builder of builders) {
    say(`${what}: ${builder.name}`);
    const result = await builder.build(context).catch((error: unknown) => {
      if (builder.name === 'varve') throw error;
      say(`${builder.name} failed: ${String(error)}`);
    });
    if (result !== undefined) results.set(builder.name, result);
  }
  return { what, results, bar };
}

function print({ rows, programs, peer, memoryBarMiB }: Table): void {
  const heading = ['', ...programs, `varve / ${peer}`];
  const lines = rows.map((row) => [
    row.what,
    ...programs.map((name) => cell(row, name)),
    verdict(row, peer, memoryBarMiB),
  ]);
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

/** `3.71 s  1.6×  212 MB`, the factor against Varve's figure in the same line. */
function cell({ results }: Row, name: string): string {
  const result = results.get(name);
  if (result === undefined) return '-';
  const factor = figureOf(result) / figureOf(results.get('varve') ?? NaN);
  const times = (name === 'varve' ? '' : `${factor.toFixed(2)}×`).padStart(7);
  if (typeof result === 'number') return `${(result / MIB).toFixed(1).padStart(6)} MB${times}`;
  return `${result.seconds.toFixed(2).padStart(6)} s ${times} ${Math.round(result.peakBytes / MIB)} MB`;
}

/** Varve's share of the peer's figure, and whether that and the memory are as they should be. */
function verdict({ results, bar }: Row, peer: string, memoryBarMiB: number): string {
  const varve = results.get('varve');
  const other = Array.from(results).find(([name]) => name.startsWith(peer))?.[1];
  const words: string[] = [];
  if (varve !== undefined && other !== undefined) {
    const ratio = figureOf(varve) / figureOf(other);
    words.push(ratio.toFixed(2));
    if (bar !== undefined) words.push(`(at most ${bar}: ${ratio <= bar ? 'met' : 'NOT met'})`);
  }
  if (typeof varve === 'object' && varve.peakBytes >= memoryBarMiB * MIB) {
    words.push(`OVER ${memoryBarMiB} MB`);
  }
  return words.join(' ');
}

function figureOf(result: Measured | number): number {
  return typeof result === 'number' ? result : result.seconds;
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
