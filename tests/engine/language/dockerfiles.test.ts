import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src-main/contract/engine-api.ts';
import { openEngine } from '../../../src-main/engine/engine.ts';
import { writeImage } from '../../../src-main/engine/image/write-image.ts';
import { parseReference } from '../../../src-main/engine/oci/reference.ts';
import { hostPlatform } from '../../../src-main/engine/oci/platform.ts';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import { atMark } from '../dockerfile/language/at-mark.ts';
import { file, folder, symlink as link, writeLayer } from '../support/layers.ts';

let work = '';
let context = '';
let engine: Engine;

/** An image with users, folders and variables, under the tag `base:1`. */
async function putBase(root: string): Promise<void> {
  const store = await openStore({ root });
  const layer = await writeLayer(store, [
    folder('etc'),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/srv:/bin/false\n'),
    file('etc/group', 'root:x:0:\nstaff:x:50:\n'),
    folder('srv'),
    folder('srv/site'),
    file('srv/index.html', 'hello'),
    link('data', 'srv'),
  ]);
  const image = await writeImage(store, {
    config: {
      created: '2026-01-02T03:04:05Z',
      ...hostPlatform(),
      config: { Env: ['PATH=/bin', 'LANG=C'], Cmd: ['sh'], WorkingDir: '/srv', User: 'www' },
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    },
    layers: [layer],
  });
  store.tags.move([{ reference: parseReference('base:1'), digest: image.descriptor.digest }], 'load');
  await store.close();
}

async function writeContext(): Promise<void> {
  const files = {
    Dockerfile: '',
    '.dockerignore': '*.log\nout\n!out/kept\nsrc/private\n',
    'a.txt': 'hello',
    'b.log': 'noise',
    'with space.txt': '',
    'src/main.ts': '',
    'src/private/x': '',
    'src/[id].ts': '',
    'out/kept': '',
    'out/gone': '',
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(context, path, '..'), { recursive: true });
    await writeFile(join(context, path), content);
  }
  await symlink('/etc', join(context, 'outside'));
  await mkdir(join(context, 'locked'));
  await chmod(join(context, 'locked'), 0o000);
}

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'varve-language-'));
  context = join(work, 'project');
  await writeContext();
  await putBase(join(work, 'store'));
  engine = await openEngine({ root: join(work, 'store'), version: '0' });
});
afterAll(async () => {
  await engine.close();
  await rm(work, { recursive: true, force: true });
});

/** What is inserted by each completion at the mark, flags aside. */
async function completions(marked: string): Promise<string[]> {
  const { items } = await engine.api.dockerfiles.complete({ ...atMark(marked), context });
  return items.filter(({ kind }) => kind !== 'flag').map(({ insert }) => insert);
}

describe('completion', () => {
  test('offers the stages above and the images of the store', async () => {
    expect(await completions('FROM base:1 AS One\nFROM base:1\nFROM |')).toEqual([
      'one',
      'base:1',
      'scratch',
    ]);
    expect(await completions('FROM base:1 AS One\nFROM base:1\nFROM base:1\nCOPY --from=|')).toEqual([
      ...['1', 'One', 'base:1'],
    ]);
    const { items } = await engine.api.dockerfiles.complete(atMark('FROM b|'));
    expect(items[0]).toMatchObject({
      kind: 'image',
      label: 'base:1',
      detail: expect.stringMatching(/ B$/) as string,
    });
  });

  test('offers paths of the context one folder at a time, without what is ignored', async () => {
    expect(await completions('FROM base:1\nCOPY |')).toEqual([
      ...['Dockerfile', 'a.txt', 'locked/', 'out/', 'outside/', 'src/', '.dockerignore', '.'],
    ]);
    expect(await completions('FROM base:1\nCOPY out/| /')).toEqual(['kept']);
    expect(await completions('FROM base:1\nCOPY src/m| /')).toEqual(['main.ts']);
    expect(await completions('FROM base:1\nCOPY src/[| /')).toEqual(['[[]id].ts']);
    expect(await completions('FROM base:1\nCOPY ["with|')).toEqual(['with space.txt']);
  });

  test('looks at nothing outside the context', async () => {
    const root = await completions('FROM base:1\nCOPY ./| /');
    expect(await completions('FROM base:1\nCOPY ../| /')).toEqual(root);
    expect(await completions('FROM base:1\nCOPY src/../../../| /')).toEqual(root);
    expect(await completions('FROM base:1\nCOPY outside/| /')).toEqual([]);
    expect(await completions('FROM base:1\nCOPY a.txt/| /')).toEqual([]);
    expect(await completions('FROM base:1\nCOPY nowhere/| /')).toEqual([]);
  });

  test('offers folders of the image as a destination, and the working folder', async () => {
    expect((await completions('FROM base:1\nCOPY a.txt |')).slice(0, 4)).toEqual([
      './',
      '/srv/',
      '/',
      'site/',
    ]);
    expect((await completions('FROM base:1\nCOPY a.txt ./|'))[0]).toBe('site/');
    expect(await completions('FROM base:1\nCOPY a.txt /data/|')).toEqual(['site/']);
    expect(await completions('FROM base:1\nWORKDIR app/x\nCOPY a.txt /srv/|')).toEqual(['app/', 'site/']);
    expect(await completions('FROM base:1\nWORKDIR /|')).toEqual(['data/', 'etc/', 'srv/']);
  });

  test('offers the files of a stage or an image after --from', async () => {
    expect(await completions('FROM scratch\nCOPY --from=base:1 /srv/| /')).toEqual(['index.html', 'site/']);
    const stages = 'FROM base:1 AS one\nWORKDIR /app\nCOPY a.txt src/main.ts dist/\nFROM scratch\n';
    expect(await completions(`${stages}COPY --from=one /app/| /`)).toEqual(['dist/']);
    expect(await completions(`${stages}COPY --from=0 /app/dist/| /`)).toEqual(['a.txt', 'main.ts']);
  });

  test('offers users and groups of the image and those that RUN adds', async () => {
    const run =
      'FROM base:1 AS one\nRUN groupadd -g 7 web && useradd -u 5 -g web app; adduser -D worker\nFROM one\n';
    expect(await completions(`${run}USER |`)).toEqual(['worker', 'app', 'root', 'www']);
    expect(await completions(`${run}COPY --chown=app:| a b`)).toEqual(['worker', 'web', 'root', 'staff']);
  });

  test('offers the variables in scope, with what sets them', async () => {
    const text = 'ARG V=1\nFROM base:1\nARG V\nARG NEW\nENV W=$V-$LANG\nRUN echo ${|\nENV LATER=1';
    const { items } = await engine.api.dockerfiles.complete({ ...atMark(text), buildArgs: { NEW: 'given' } });
    expect(items.map(({ insert, detail, documentation }) => [insert, detail, documentation])).toEqual([
      ['W}', '1-C', 'Set by ENV on line 5.'],
      ['NEW}', 'given', 'Set by a build argument, declared by ARG on line 4.'],
      ['V}', '1', 'Set by ARG on line 3.'],
      ['LANG}', 'C', 'Set by the base image base:1.'],
      ['PATH}', '/bin', 'Set by the base image base:1.'],
    ]);
    expect(await completions('ARG V=1\nFROM a:$V| AS x')).toContain('V');
    expect(await completions('ARG V=1\nFROM base:1\nRUN $V|')).toEqual([]);
  });

  test('offers the language’s own words', async () => {
    expect(await completions('from base:1\nco|')).toEqual(['copy ']);
    expect(await completions('FROM base:1\nONBUILD F|')).toEqual([]);
    expect(await completions('|')).toEqual(['FROM ', 'ARG ', '# syntax=', '# escape=', '# check=']);
    expect(await completions('FROM a |')).toEqual(['AS ']);
    expect(await completions('FROM a\nRUN --mount=type=ssh,|')).toEqual([
      ...['target=', 'id=', 'required', 'mode=', 'uid=', 'gid='],
    ]);
    expect(await completions('FROM a\nRUN --network=|')).toEqual(['default', 'none', 'host']);
    expect(await completions('FROM a\nEXPOSE 53/u|')).toEqual(['udp']);
    expect(await completions('FROM a\nLABEL image.tit|')).toEqual(['org.opencontainers.image.title=']);
    expect((await completions('ARG V\nFROM a\nARG |')).slice(0, 2)).toEqual(['V', 'TARGETPLATFORM']);
  });

  test('leaves out flags that are given', async () => {
    const { items } = await engine.api.dockerfiles.complete(
      atMark('FROM a\nCOPY --link --chown=x --exclude=y --|'),
    );
    expect(items.map(({ insert }) => insert)).toEqual(['--from=', '--chmod=', '--parents', '--exclude=']);
  });

  test('is cancelled with its signal', async () => {
    const options = { signal: AbortSignal.abort() };
    const asked = engine.api.dockerfiles.complete({ ...atMark('FROM base:1\nUSER |'), context }, options);
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

async function hover(marked: string) {
  return engine.api.dockerfiles.hover({ ...atMark(marked), context });
}

describe('hover', () => {
  test('tells of a base image what the store knows', async () => {
    const detail = await engine.api.images.inspect({ ref: 'base:1' });
    const answer = await hover('ARG T=1\nFROM bas|e:$T');
    expect(answer).toMatchObject({ title: 'base:1', location: { line: 2, column: 6, endColumn: 13 } });
    const facts = new Map(answer?.facts.map(({ name, value }) => [name, value]));
    expect(Object.fromEntries(facts)).toMatchObject({
      Digest: detail.digest,
      Size: `${detail.sizeBytes} B`,
      Created: '2026-01-02T03:04:05Z',
      Layers: '1',
      CMD: '["sh"]',
      USER: 'www',
      WORKDIR: '/srv',
      ENV: 'PATH=/bin\nLANG=C',
    });
    expect(await hover('FROM other|')).toMatchObject({
      text: ['Not in the store yet: a build pulls it.'],
      facts: [],
    });
  });

  test('tells a variable’s value where it is used', async () => {
    const text = 'ARG V=1\nFROM base:1\nENV W=a$V\nARG V\nENV W=$W$V\nRUN echo $|W';
    expect(await hover(text)).toMatchObject({
      title: '$W',
      facts: [
        { name: 'Value', value: 'a1' },
        { name: 'Set by', value: 'ENV on line 5' },
      ],
    });
    expect((await hover('ARG V=1\nFROM base:1\nRUN $|V'))?.text).toEqual([
      'It is not set here. Write ARG V in this stage to use the one above the first FROM.',
    ]);
  });

  test('tells whether a source is there and why it is not copied', async () => {
    expect(await hover('FROM a\nCOPY a.t|xt /')).toMatchObject({
      facts: [
        { name: 'Kind', value: 'file' },
        { name: 'Size', value: '5 B' },
      ],
    });
    expect((await hover('FROM a\nCOPY src/priv|ate/x /'))?.text).toEqual([
      'A build does not see it: .dockerignore:4 leaves it out with src/private.',
    ]);
    expect((await hover('FROM a\nCOPY nowh|ere /'))?.text).toEqual([
      'There is no nowhere in the build context.',
    ]);
  });

  test('tells where a path of the stage leads', async () => {
    expect(await hover('FROM base:1\nCOPY a.txt si|te/')).toMatchObject({
      title: '/srv/site',
      facts: [
        { name: 'From', value: 'the working folder /srv' },
        { name: 'In the base image', value: 'a folder' },
      ],
    });
    expect(await hover('FROM base:1\nENV D=x\nWORKDIR /app\nWORKDIR $D/y|')).toMatchObject({
      title: '/app/x/y',
    });
  });

  test('tells what instructions, flags and directives do', async () => {
    expect(await hover('FROM a\nHEALTH|CHECK NONE')).toMatchObject({
      title: 'HEALTHCHECK',
      url: 'https://docs.docker.com/reference/dockerfile/#healthcheck',
    });
    expect(await hover('FROM a\nCOPY --par|ents a b')).toMatchObject({ title: '--parents' });
    expect(await hover('FROM a\nRUN --mount=type=ca|che,target=/x y')).toMatchObject({ title: 'type=cache' });
    expect(await hover('FROM a\nRUN --mount=type=cache,dst|=/x y')).toMatchObject({ title: 'target' });
    expect(await hover('# esc|ape=`\nFROM a')).toMatchObject({ title: '# escape' });
    expect(await hover('FROM base:1 AS one\nFROM o|ne\nCOPY --from=one a b')).toMatchObject({
      title: 'stage one',
      facts: expect.arrayContaining([{ name: 'Used on', value: 'lines 2, 3' }]) as unknown[],
    });
    expect(await hover('FROM a\nRUN ec|ho')).toBeNull();
  });
});

test('the calls that need no store answer over the contract too', async () => {
  const { dockerfiles } = engine.api;
  const text = 'from base:1 AS one\nCOPY --from=one a b\n';
  const position = { line: 1, column: 17 };
  expect(await dockerfiles.symbol({ text, position })).toMatchObject({ name: 'one', canRename: true });
  expect(await dockerfiles.rename({ text, position, name: 'two' })).toMatchObject({
    edits: [{ text: 'two' }, {}],
  });
  expect(await dockerfiles.format({ text })).toMatchObject({ edits: [{ text: 'FROM base:1 AS one' }] });
  expect(await dockerfiles.structure({ text })).toMatchObject({ outline: [{ name: 'one', needed: true }] });
});
