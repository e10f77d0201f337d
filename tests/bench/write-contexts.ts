import { mkdirSync, utimesSync, writeFileSync, openSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';

/** Contexts are an hour old, as a checkout is: a builder that trusts times may do so. */
const AGE_SECONDS = 3600;
const WORD_COUNT = 4096;
const MIB = 1024 * 1024;

/** Pseudo-random numbers below 2^32, the same in every run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Text of a small vocabulary, which compresses about as source code does (three to four times). */
function createText(random: () => number, bytes: number): Buffer {
  const words = Array.from({ length: WORD_COUNT }, () => random().toString(36));
  const parts: string[] = [];
  for (let size = 0; size < bytes;) {
    const word = words[Math.min(random() % WORD_COUNT, random() % WORD_COUNT)] ?? '';
    parts.push(word);
    size += word.length + 1;
  }
  return Buffer.from(parts.join(' ')).subarray(0, bytes);
}

/** `count` files of sizes around `bytes / count`, a hundred a folder, like a project with its packages. */
export function writeManyFiles(folder: string, count: number, bytes: number): void {
  const random = createRandom(1);
  const mean = bytes / count;
  const pool = createText(random, Math.max(4 * MIB, Math.ceil(mean * 2)));
  const then = Date.now() / 1000 - AGE_SECONDS;
  for (let index = 0; index < count; index += 1) {
    const parent = join(
      folder,
      'src',
      `part-${Math.floor(index / 1000)}`,
      `package-${Math.floor(index / 100)}`,
    );
    if (index % 100 === 0) mkdirSync(parent, { recursive: true });
    const size = Math.max(1, Math.round(((random() % 1000) / 500) * mean));
    const start = random() % Math.max(1, pool.length - size);
    const path = join(parent, `file-${index}.js`);
    writeFileSync(path, Buffer.concat([Buffer.from(`// ${index}\n`), pool.subarray(start, start + size)]));
    utimesSync(path, then, then);
  }
  writeDockerfile(folder);
}

/** `count` files of `bytes / count` each; every second MiB is noise that no compressor makes smaller. */
export function writeLargeFiles(folder: string, count: number, bytes: number): void {
  const random = createRandom(2);
  const text = createText(random, MIB);
  const then = Date.now() / 1000 - AGE_SECONDS;
  mkdirSync(join(folder, 'data'), { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const path = join(folder, 'data', `blob-${index}.bin`);
    const file = openSync(path, 'w');
    for (let piece = 0; piece < bytes / count / MIB; piece += 1) {
      writeSync(file, piece % 2 === 0 ? text : createNoise(random));
    }
    closeSync(file);
    utimesSync(path, then, then);
  }
  writeDockerfile(folder);
}

function createNoise(random: () => number): Uint8Array {
  return new Uint8Array(Uint32Array.from({ length: MIB / 4 }, random).buffer);
}

function writeDockerfile(folder: string): void {
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY . /app/\n');
}

/** Instructions that change nothing but the image's config. */
export function writeMetadata(folder: string, base: string): void {
  const kinds = [
    (n: number) => `ENV NAME_${n}=value-${n}`,
    (n: number) => `LABEL name.${n}="value ${n}"`,
    (n: number) => `EXPOSE ${8000 + n}`,
    (n: number) => `ARG ARGUMENT_${n}=default`,
    (n: number) => `CMD ["program", "${n}"]`,
  ];
  const lines = Array.from({ length: 50 }, (_, n) => kinds[n % kinds.length]?.(n));
  writeFileSync(join(folder, 'Dockerfile'), `FROM ${base}\n${lines.join('\n')}\n`);
}

/** Commands that do nothing, each another one, since equal work is done once: what is left is what starting one costs. */
export function writeRuns(folder: string, base: string): void {
  const lines = Array.from({ length: 20 }, (_, n) => `RUN true # ${n + 1}`);
  writeFileSync(join(folder, 'Dockerfile'), `FROM ${base}\n${lines.join('\n')}\n`);
}

/** Four stages on one base, each a second long whatever the machine, and one that takes from all of them. */
export function writeDiamond(folder: string, base: string): void {
  const names = ['a', 'b', 'c', 'd'];
  const stages = names.map((name) => `FROM top AS ${name}\nRUN sleep 1 && echo ${name} > /${name}`);
  const copies = names.map((name) => `COPY --from=${name} /${name} /`);
  writeFileSync(
    join(folder, 'Dockerfile'),
    `FROM ${base} AS top\nRUN echo top > /top\n${stages.join('\n')}\nFROM top\n${copies.join('\n')}\n`,
  );
}
