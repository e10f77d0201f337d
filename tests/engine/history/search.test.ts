import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { buildRequestSchema } from '../../../src-main/contract/builds-api.ts';
import { BuildRecords } from '../../../src-main/engine/history/build-records.ts';
import { GramSet } from '../../../src-main/engine/history/gram-set.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { openDatabase } from '../../../src-main/engine/store/metadata.ts';
import { useBuilds } from './builds-fixture.ts';

const builds = useBuilds();
const opened: BuildRecords[] = [];

afterEach(() => {
  for (const records of opened.splice(0)) records.close();
});

let seconds = 1_700_000_000;

/** Each record a second after the one before: ids sort by when builds began. */
function openRecords(): BuildRecords {
  seconds += 1;
  const clock = (): number => seconds * 1000;
  const records = new BuildRecords({ root: builds.root, version: '7', log: silentLog, clock });
  opened.push(records);
  return records;
}

/** A build that printed these pieces and ended; answers its id. */
async function printed(...pieces: readonly string[]): Promise<string> {
  const recorder = openRecords().begin(buildRequestSchema.parse({ context: '/project' }));
  for (const text of pieces) {
    recorder.note({ type: 'event', event: { type: 'step-output', step: '0.1', stream: 'stdout', text } });
  }
  await recorder.end({ status: 'cancelled' });
  return recorder.id;
}

async function find(search: string): Promise<readonly string[]> {
  return (await openRecords().list({ search, limit: 9 })).builds.map(({ id }) => id);
}

const recordPath = (id: string): string => join(builds.root, 'builds', `${id}.jsonl`);
const indexPath = (): string => join(builds.root, 'builds', 'search', 'index.db');

describe('a search in what builds printed', () => {
  test('finds the same before and after its index was made', async () => {
    const plum = await printed('Plum ja', 'm is ready\n', 'é', 'ß\n');
    const pear = await printed('pear juice is re', 'ady\n');
    const questions = ['plum JAM', 'ready', 'juice', 'ÉSS', 'éß', 'ß', 'is ready pear', 'quince'];
    const ask = () => Promise.all(questions.map(find));
    const first = await ask();
    expect(first).toEqual([[plum], [pear, plum], [pear], [], [plum], [plum], [], []]);
    expect(await ask()).toEqual(first);
  });

  test('does not read a record again for a text that cannot be in it', async () => {
    const id = await printed('apples\n');
    await find('anything');
    const text = await readFile(recordPath(id), 'utf8');
    await writeFile(recordPath(id), text.replace('apples', 'grapes'));
    expect([await find('grapes'), await find('apples')]).toEqual([[], []]);
  });

  test('reads a record again that has grown', async () => {
    const id = await printed('apples\n');
    await find('anything');
    const text = await readFile(recordPath(id), 'utf8');
    await writeFile(recordPath(id), text.replace('apples', 'sweet grapes'));
    expect(await find('grapes')).toEqual([id]);
  });

  test('goes on without its index, and with a damaged one', async () => {
    const id = await printed('apples\n');
    await find('apples');
    await writeFile(indexPath(), 'no database');
    expect(await find('apples')).toEqual([id]);
    await rm(join(builds.root, 'builds', 'search'), { recursive: true });
    await writeFile(join(builds.root, 'builds', 'search'), 'no folder');
    expect(await find('apples')).toEqual([id]);
  });

  test('keeps nothing of records that were removed', async () => {
    const [gone, kept] = [await printed('apples\n'), await printed('pears\n')];
    await find('anything');
    await openRecords().remove([gone]);
    await find('anything');
    const index = openDatabase(indexPath(), { synchronous: 'normal' });
    const known = index.prepare('SELECT build FROM grams_v1').pluck().all();
    index.close();
    expect(known).toEqual([kept]);
  });

  test('finds a text at the end of a long line that came in many pieces', async () => {
    const id = await printed(...Array.from({ length: 300 }, (_, at) => `\r${at} of 300 done`), ' at last');
    expect([await find('299 of 300 done at last'), await find('300 of 300')]).toEqual([[id], []]);
  });
});

describe('the grams of a text', () => {
  test('hold every part of it, also after they were written down', () => {
    const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1 });
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat(), (all, from, length) => {
        const grams = new GramSet();
        for (const text of all) grams.add(text);
        const kept = new GramSet(grams.toBytes());
        return all.every((text) => kept.mayHold(text.slice(from % (text.length + 1)).slice(0, length)));
      }),
      { numRuns: 40 },
    );
  });

  test('rule out most of what is not in it', () => {
    const grams = new GramSet();
    for (let number = 0; number < 20_000; number += 1) grams.add(`step ${number.toString(16)} of many`);
    const kept = new GramSet(grams.toBytes());
    const strange = Array.from({ length: 1000 }, (_, at) => `Zx${at.toString(7)}qW`);
    expect(strange.filter((text) => kept.mayHold(text)).length).toBeLessThan(20);
    expect(grams.toBytes().length).toBeLessThan(64 * 1024);
  });
});
