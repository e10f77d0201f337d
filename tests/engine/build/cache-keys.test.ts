import { chmod, link, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BuildRequestInput } from '../../../src-main/contract/builds-api.ts';
import { tempStore } from '../support/temp-store.ts';
import { openBuildBench, type BuildRun } from './build-fixture.ts';
import { scriptedSandbox } from './scripted-sandbox.ts';

type Request = Partial<BuildRequestInput>;
type Answer = 'hit' | 'miss';

/** Each row: what changes between two builds, and whether the last step is found again. */
interface Change {
  readonly before: string;
  /** The Dockerfile of the second build; the first one's unless given. */
  readonly after?: string;
  readonly request?: Request;
  readonly then?: Request;
  readonly change?: (context: string) => Promise<unknown>;
}

const RUN = 'RUN write a 1';
const COPY = 'COPY d /d';
const bytes = (text: string) => (context: string) => writeFile(join(context, 'd/f'), text);

const CORE = { name: 'core', soft: 0, hard: 0 } as const;
const FILES = { name: 'nofile', soft: 10, hard: 20 } as const;

/** A mount from a stage that changes: in what it copies, or by another instruction. */
function ofStage(part: string, { text = '1', rest = '' }): Change {
  const stages = (bytes: string, more: string): string =>
    `FROM scratch AS s\nRUN write x/f ${bytes}\n${more}\nFROM scratch\n` +
    `RUN --mount=type=bind,from=s,source=/${part},target=/m write a 1`;
  return { before: stages('1', ''), after: stages(text, rest) };
}

/** BuildKit 28.5 was asked each of these and answered the same. */
const AS_BUILDKIT: Readonly<Record<string, readonly [Answer, Change]>> = {
  'COPY: the time of a file': ['hit', { before: COPY, change: (at) => utimes(join(at, 'd/f'), 1000, 1000) }],
  'COPY: its bytes': ['miss', { before: COPY, change: bytes('other') }],
  'COPY: its mode': ['miss', { before: COPY, change: (at) => chmod(join(at, 'd/f'), 0o600) }],
  'COPY: its name': ['miss', { before: COPY, change: (at) => rename(join(at, 'd/f'), join(at, 'd/x')) }],
  'COPY: a new empty folder': ['miss', { before: COPY, change: (at) => mkdir(join(at, 'd/e')) }],
  'COPY: another file of the context': ['hit', { before: COPY, change: (at) => mkdir(join(at, 'other')) }],
  'COPY: the destination': ['miss', { before: COPY, after: 'COPY d /e' }],
  'COPY: --chown': ['miss', { before: COPY, after: 'COPY --chown=1 d /d' }],
  'COPY: --chmod': ['miss', { before: COPY, after: 'COPY --chmod=600 d /d' }],
  'COPY: --link': ['miss', { before: COPY, after: 'COPY --link d /d' }],
  'COPY: a variable before it': ['hit', { before: COPY, after: `ENV A=1\n${COPY}` }],
  'COPY: the user before it': ['hit', { before: COPY, after: `USER 1\n${COPY}` }],
  'RUN: nothing': ['hit', { before: RUN }],
  'RUN: its text': ['miss', { before: RUN, after: 'RUN write a  1' }],
  'RUN: a comment': ['hit', { before: RUN, after: `# why\n${RUN}` }],
  'RUN: a variable': ['miss', { before: `ENV A=1\n${RUN}`, after: `ENV A=2\n${RUN}` }],
  'RUN: the order of variables': ['miss', { before: `ENV A=1 B=2\n${RUN}`, after: `ENV B=2 A=1\n${RUN}` }],
  'RUN: a label': ['hit', { before: `LABEL A=1\n${RUN}`, after: `LABEL A=2\n${RUN}` }],
  'RUN: the user': ['miss', { before: RUN, after: `USER 1\n${RUN}` }],
  'RUN: root by number': ['miss', { before: RUN, after: `USER 0\n${RUN}` }],
  'RUN: the working folder': ['miss', { before: RUN, after: `WORKDIR /w\n${RUN}` }],
  'RUN: an argument': ['miss', { before: `ARG V=1\n${RUN}`, then: { buildArgs: { V: '2' } } }],
  'RUN: an argument declared after it': [
    'hit',
    { before: `${RUN}\nARG V=1`, then: { buildArgs: { V: '2' } } },
  ],
  'RUN: a proxy': ['hit', { before: RUN, then: { buildArgs: { HTTP_PROXY: 'http://127.0.0.1:1' } } }],
  'RUN: a host more': ['miss', { before: RUN, then: { addHosts: [{ host: 'h', ip: '10.0.0.1' }] } }],
  'RUN: the address of a host': [
    'hit',
    {
      before: RUN,
      request: { addHosts: [{ host: 'h', ip: '10.0.0.1' }] },
      then: { addHosts: [{ host: 'h', ip: '10.0.0.2' }] },
    },
  ],
  'RUN: the network': ['miss', { before: RUN, after: 'RUN --network=none write a 1' }],
  'RUN: a cache mount': ['miss', { before: RUN, after: 'RUN --mount=type=cache,target=/c write a 1' }],
  'RUN: which cache is mounted': [
    'hit',
    {
      before: 'RUN --mount=type=cache,id=a,target=/c write a 1',
      after: 'RUN --mount=type=cache,id=b,target=/c write a 1',
    },
  ],
  'RUN: how a cache is shared': [
    'hit',
    {
      before: 'RUN --mount=type=cache,target=/c write a 1',
      after: 'RUN --mount=type=cache,target=/c,sharing=locked write a 1',
    },
  ],
  'RUN: the owner of a cache': [
    'miss',
    {
      before: 'RUN --mount=type=cache,target=/c write a 1',
      after: 'RUN --mount=type=cache,target=/c,uid=5 write a 1',
    },
  ],
  'RUN: a cache that may not be written': [
    'miss',
    {
      before: 'RUN --mount=type=cache,target=/c write a 1',
      after: 'RUN --mount=type=cache,target=/c,ro write a 1',
    },
  ],
  'RUN: the size of a tmpfs': [
    'miss',
    {
      before: 'RUN --mount=type=tmpfs,target=/c write a 1',
      after: 'RUN --mount=type=tmpfs,target=/c,size=10m write a 1',
    },
  ],
  'RUN: a secret that is there now': [
    'hit',
    {
      before: 'RUN --mount=type=secret,id=s write a 1',
      then: { secrets: [{ id: 's', source: import.meta.filename }] },
    },
  ],
  'RUN: where a secret is': [
    'miss',
    {
      before: 'RUN --mount=type=secret,id=s write a 1',
      after: 'RUN --mount=type=secret,id=s,target=/x write a 1',
    },
  ],
  'RUN: the mode of a secret': [
    'miss',
    {
      before: 'RUN --mount=type=secret,id=s write a 1',
      after: 'RUN --mount=type=secret,id=s,mode=0444 write a 1',
    },
  ],
  'RUN: the usual mode of a secret': [
    'hit',
    {
      before: 'RUN --mount=type=secret,id=s write a 1',
      after: 'RUN --mount=type=secret,id=s,mode=0400,uid=0 write a 1',
    },
  ],
  'RUN: a required secret that is not there any more': [
    'hit',
    {
      before: 'RUN --mount=type=secret,id=s,required write a 1',
      request: { secrets: [{ id: 's', source: import.meta.filename }] },
      then: { secrets: [] },
    },
  ],
  'RUN: the owner of an agent’s socket': [
    'miss',
    { before: 'RUN --mount=type=ssh write a 1', after: 'RUN --mount=type=ssh,uid=5 write a 1' },
  ],
  'RUN: the order of mounts': [
    'hit',
    {
      before: 'RUN --mount=type=tmpfs,target=/a --mount=type=cache,target=/b write a 1',
      after: 'RUN --mount=type=cache,target=/b --mount=type=tmpfs,target=/a write a 1',
    },
  ],
  'RUN: how the stage came to be that a mount is from': ['hit', ofStage('x', { rest: 'RUN true' })],
  'RUN: another part of the stage that a mount is from': ['hit', ofStage('x', { rest: 'RUN write y 1' })],
  'RUN: the bytes in the stage that a mount is from': ['miss', ofStage('x', { text: '2' })],
  'RUN: another part of a stage that is mounted whole': ['miss', ofStage('', { rest: 'RUN write y 1' })],
  'RUN: the order of limits': [
    'hit',
    { before: RUN, request: { ulimits: [CORE, FILES] }, then: { ulimits: [FILES, CORE] } },
  ],
  'RUN: the name of its host': [
    'miss',
    { before: RUN, then: { buildArgs: { BUILDKIT_SANDBOX_HOSTNAME: 'other' } } },
  ],
  'RUN: the place of its caches': [
    'hit',
    {
      before: 'RUN --mount=type=cache,target=/c write a 1',
      then: { buildArgs: { BUILDKIT_CACHE_MOUNT_NS: 'other' } },
    },
  ],
  'RUN: the time of a mounted file': [
    'hit',
    {
      before: 'RUN --mount=source=d,target=/m write a 1',
      change: (at) => utimes(join(at, 'd/f'), 1000, 1000),
    },
  ],
  'RUN: the bytes of a mounted file': [
    'miss',
    { before: 'RUN --mount=source=d,target=/m write a 1', change: bytes('other') },
  ],
  'RUN: a mount that may be written': [
    'miss',
    {
      before: 'RUN --mount=source=d,target=/m write a 1',
      after: 'RUN --mount=source=d,target=/m,rw write a 1',
    },
  ],
  'RUN: the time of a file that was copied before it': [
    'hit',
    { before: `${COPY}\n${RUN}`, change: (at) => utimes(join(at, 'd/f'), 1000, 1000) },
  ],
  'RUN: a space in its here-document': [
    'miss',
    { before: 'RUN <<E\nwrite a 1\nE', after: 'RUN <<E\nwrite a 1 \nE' },
  ],
  'RUN: SOURCE_DATE_EPOCH that it does not see': ['hit', { before: RUN, then: { sourceDateEpoch: 5 } }],
  'RUN: --no-cache-filter with the stage’s name in other letters': [
    'miss',
    { before: `FROM scratch AS Abc\n${RUN}`, then: { noCacheFilter: ['ABC'] } },
  ],
  'COPY: how its mode is written': [
    'hit',
    { before: 'COPY --chmod=0644 d /d', after: 'COPY --chmod=644 d /d' },
  ],
  'WORKDIR: how it is written': ['hit', { before: 'WORKDIR /w', after: 'WORKDIR //w/' }],
  'WORKDIR: a variable before it': ['hit', { before: 'WORKDIR /w', after: 'ENV A=1\nWORKDIR /w' }],
  'WORKDIR: the user before it': ['miss', { before: 'WORKDIR /w', after: 'USER 1\nWORKDIR /w' }],
};

/** Where Varve answers otherwise than BuildKit, and why. */
const OTHERWISE: Readonly<Record<string, readonly [Answer, Change]>> = {
  // BuildKit copies a hard link and a file of the same content to the same layer; here a link stays one.
  'COPY: hard links instead of equal files': [
    'miss',
    {
      before: COPY,
      change: async (at) => {
        await rm(join(at, 'd/g'));
        await link(join(at, 'd/f'), join(at, 'd/g'));
      },
    },
  ],
  // BuildKit goes by how the folder came to be; here only what the root file system holds counts.
  'COPY: an instruction before it that changed nothing': [
    'hit',
    { before: COPY, after: `RUN true\n${COPY}` },
  ],
  // BuildKit knows no numbers in --no-cache-filter.
  'RUN: --no-cache-filter with the stage’s number': ['miss', { before: RUN, then: { noCacheFilter: ['0'] } }],
  // BuildKit runs again whatever lies on a stage that was not to be cached.
  'RUN: a parent that was made anew to the same content': [
    'hit',
    { before: `FROM scratch AS p\nRUN write p 1\nFROM p\n${RUN}`, then: { noCacheFilter: ['p'] } },
  ],
  // Files that COPY takes have the time that SOURCE_DATE_EPOCH says, so it is another layer.
  'COPY: SOURCE_DATE_EPOCH': ['miss', { before: COPY, then: { sourceDateEpoch: 5 } }],
  'RUN: --reproducible': ['miss', { before: RUN, then: { reproducible: true } }],
};

async function lastStep({ before, after, request, then, change }: Change): Promise<Answer> {
  const store = await tempStore();
  const files = { Dockerfile: whole(before), 'd/f': 'same', 'd/g': 'same' };
  const bench = await openBuildBench(files, { store, sandbox: scriptedSandbox(store) });
  await bench.build(request);
  await change?.(bench.context);
  await bench.write({ Dockerfile: whole(after ?? before) });
  return outcomeOf(await bench.build({ ...request, ...then }));
}

function whole(text: string): string {
  return `${text.startsWith('FROM') ? '' : 'FROM scratch\n'}${text}\n`;
}

function outcomeOf({ events }: BuildRun): Answer {
  const ends = events.flatMap((event) => (event.type === 'step-end' ? [event.outcome] : []));
  return ends.at(-1) === 'cached' ? 'hit' : 'miss';
}

describe('the cache is asked after a change of', () => {
  test.for(Object.entries(AS_BUILDKIT))('%s', async ([, [answer, change]]) => {
    expect(await lastStep(change)).toBe(answer);
  });
});

describe('otherwise than BuildKit, after a change of', () => {
  test.for(Object.entries(OTHERWISE))('%s', async ([, [answer, change]]) => {
    expect(await lastStep(change)).toBe(answer);
  });
});
