import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { VARVE, VARVE_SOURCE } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const workshop = useWorkshop(({ root }) => buildBusyboxBase(root));

function start(args: readonly string[]) {
  return spawn(VARVE, args, {
    env: { ...process.env, VARVE_ROOT: workshop.root, ...VARVE_SOURCE },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('several processes on one store', () => {
  test('build at the same time, and everything is there afterwards', async () => {
    const names = ['a', 'b', 'c'];
    for (const name of names) {
      await workshop.write(name, { Dockerfile: `FROM busybox\nCOPY f /\nLABEL n=${name}\n`, f: `${name}\n` });
    }
    const builds = names.map((name) =>
      workshop.out(['build', '-q', '-t', `p:${name}`, join(workshop.folder, name)]),
    );
    await Promise.all(builds);
    for (const name of names) expect(await workshop.out(['cat', `p:${name}`, '/f'])).toBe(`${name}\n`);
    expect((await workshop.varve(['verify'])).status).toBe(0);
  });

  test('move one tag at the same time, and each move is on record', async () => {
    const tags = ['a', 'b', 'c'];
    await Promise.all(tags.map((tag) => workshop.out(['tag', `p:${tag}`, 'shared:1'])));
    const events = (await workshop.out(['tags', '--format', 'json', 'shared:1']))
      .trim()
      .split('\n')
      .map(readEvent);
    expect(events).toHaveLength(3);
    // Each move starts where the one before it ended; the first one made the tag.
    expect(events.map(({ From }) => From)).toEqual([...events.slice(1).map(({ To }) => To), '']);
  });
});

function readEvent(line: string): { readonly From: string; readonly To: string } {
  return JSON.parse(line) as { From: string; To: string };
}

describe('Ctrl+C', () => {
  test('ends a build and its program, leaves nothing behind and exits with 130', async () => {
    const context = await workshop.write('slow', {
      Dockerfile: 'FROM busybox\nRUN echo started && sleep 1234567\n',
    });
    const child = start(['build', '-t', 'slow:1', context]);
    let log = '';
    for await (const piece of child.stderr as AsyncIterable<Buffer>) {
      log += piece.toString();
      if (!child.killed && / started$/m.test(log)) child.kill('SIGINT');
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(130);
    expect(log).toMatch(/^varve: cancelled$/m);
    expect(await workshop.out(['images', '-q', 'slow'])).toBe('');
    expect(await readdir(join(workshop.root, 'ingest'))).toEqual([]);
    const { stdout } = spawn('ps', ['-eo', 'args'], { stdio: ['ignore', 'pipe', 'ignore'] });
    expect(await text(stdout)).not.toContain('sleep 1234567');
  });
});
