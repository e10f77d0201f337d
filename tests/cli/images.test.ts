import { describe, expect, test } from 'vitest';
import { useWorkshop } from './support/use-workshop.ts';

interface Listed {
  readonly Repository: string;
  readonly Tag: string;
  readonly Digest: string;
  readonly ID: string;
  readonly CreatedAt: string;
  readonly Size: string;
}
interface Inspected {
  readonly Id: string;
  readonly Digest: string;
  readonly RepoTags: readonly string[];
  readonly RootFS: { readonly Layers: readonly string[] };
}

const DOCKERFILE = 'FROM scratch\nCOPY a.txt /a.txt\nENV A=1\nCMD ["/a.txt"]\n';
const EPOCH = { SOURCE_DATE_EPOCH: '1700000000' };

const workshop = useWorkshop(async ({ out, write }) => {
  const context = await write('context', { Dockerfile: DOCKERFILE, 'a.txt': 'a\n' });
  await out(['build', '-q', '-t', 'app:1', '-t', 'ghcr.io/org/app:2', context], { env: EPOCH });
});

async function list(...args: string[]): Promise<Listed[]> {
  const text = await workshop.out(['images', '--format', 'json', ...args]);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Listed);
}

async function inspect(ref: string): Promise<Inspected> {
  const [image] = JSON.parse(await workshop.out(['inspect', ref])) as Inspected[];
  if (image === undefined) throw new Error('nothing was printed');
  return image;
}

async function idOf(tag: string): Promise<string> {
  return (await inspect(tag)).Id;
}

describe('varve images', () => {
  test('prints docker’s table', async () => {
    const [heading, ...rows] = (await workshop.out(['images'])).trimEnd().split('\n');
    expect(heading).toMatch(/^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$/);
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 2)).sort()).toEqual([
      ['app', '1'],
      ['ghcr.io/org/app', '2'],
    ]);
  });

  test('prints digests when asked', async () => {
    const [heading, row] = (await workshop.out(['images', '--digests', 'app'])).split('\n');
    expect(heading).toMatch(/^REPOSITORY +TAG +DIGEST +IMAGE ID +CREATED +SIZE$/);
    expect(row).toContain((await inspect('app:1')).Digest);
  });

  test('prints one JSON object a line with docker’s keys', async () => {
    const { Id, Digest } = await inspect('app:1');
    expect(await list('app')).toEqual([
      {
        Repository: 'app',
        Tag: '1',
        Digest,
        ID: Id.slice('sha256:'.length, 'sha256:'.length + 12),
        CreatedAt: '2023-11-14 22:13:20 +0000 UTC',
        CreatedSince: expect.stringMatching(/ ago$/) as string,
        Size: expect.stringMatching(/^\d+(\.\d+)?k?B$/) as string,
      },
    ]);
    expect((await list('--no-trunc', 'app'))[0]?.ID).toBe(Id);
  });

  test('prints IDs or a template', async () => {
    const id = await idOf('app:1');
    expect(await workshop.out(['images', '-q', '--no-trunc', 'app'])).toBe(`${id}\n`);
    expect(await workshop.out(['images', '--format', '{{.Repository}}:{{.Tag}}', 'app'])).toBe('app:1\n');
  });
});

describe('varve inspect', () => {
  test('finds an image by tag, ID, a piece of the ID, and digest', async () => {
    const image = await inspect('app:1');
    const hex = image.Id.slice('sha256:'.length);
    for (const ref of [image.Id, hex.slice(0, 12), image.Digest, `app@${image.Digest}`]) {
      expect(await inspect(ref)).toEqual(image);
    }
  });

  test('prints what is there and fails for what is not, naming what is near', async () => {
    const { status, stdout, stderr } = await workshop.varve(['inspect', 'app:1', 'ap:1']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toHaveLength(1);
    expect(stderr).toMatch(/^varve: .*ap:1.*\n.*app:1/);
  });

  test('fills a template', async () => {
    expect(await workshop.out(['inspect', '--format', '{{.Config.Cmd}}', 'app:1'])).toBe('[/a.txt]\n');
  });
});

describe('varve history', () => {
  test('prints the steps, newest first', async () => {
    const lines = (await workshop.out(['history', 'app:1'])).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$/);
    const steps = lines.slice(1).map((line) => line.split(/ {3,}/));
    expect(steps.map(([, , by]) => by)).toEqual([
      expect.stringMatching(/^CMD \["\/a\.txt"\]/),
      expect.stringMatching(/^ENV A=1/),
      expect.stringMatching(/^COPY a\.txt \/a\.txt/),
    ]);
    expect(steps.map(([id]) => id)).toEqual([
      expect.stringMatching(/^[0-9a-f]{12}$/),
      '<missing>',
      '<missing>',
    ]);
  });
});

describe('tags', () => {
  test('a tag can be given, moved, undone, removed and brought back, and all of it is on record', async () => {
    const context = await workshop.write('other', { Dockerfile: 'FROM scratch\nCOPY . /\n', 'b.txt': 'b\n' });
    await workshop.out(['build', '-q', '-t', 'other:1', context]);
    await workshop.out(['tag', 'app:1', 'moving:1']);
    await workshop.out(['tag', 'other:1', 'moving:1']);
    expect(await idOf('moving:1')).toBe(await idOf('other:1'));

    await workshop.out(['tag', '--undo', 'moving:1']);
    expect(await idOf('moving:1')).toBe(await idOf('app:1'));
    expect(await workshop.out(['untag', 'moving:1'])).toBe('Untagged: moving:1\n');
    expect((await workshop.varve(['inspect', 'moving:1'])).status).toBe(1);
    await workshop.out(['tag', '--undo', 'moving:1']);
    expect(await idOf('moving:1')).toBe(await idOf('app:1'));

    const history = (await workshop.out(['tags', '--format', 'json', 'moving:1'])).trim().split('\n');
    expect(history.map((line) => (JSON.parse(line) as { Cause: string }).Cause)).toEqual([
      'undo',
      'untag',
      'undo',
      'tag',
      'tag',
    ]);
  });

  test('a move by image ID works too', async () => {
    await workshop.out(['tag', (await idOf('app:1')).slice(7, 19), 'by-id:1']);
    expect(await idOf('by-id:1')).toBe(await idOf('app:1'));
  });
});

describe('varve rmi', () => {
  test('takes a tag away', async () => {
    await workshop.out(['tag', 'app:1', 'gone:1']);
    expect(await workshop.out(['rmi', 'gone:1'])).toBe('Untagged: gone:1\n');
    expect(await list('gone')).toEqual([]);
  });

  test('refuses an ID with several tags unless forced, and says which they are', async () => {
    const context = await workshop.write('several', {
      Dockerfile: 'FROM scratch\nLABEL several=1\nWORKDIR /w\n',
    });
    await workshop.out(['build', '-q', '-t', 'several:1', '-t', 'several:2', context]);
    const id = (await idOf('several:1')).slice(7, 19);
    const refused = await workshop.varve(['rmi', id]);
    expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('several:1, several:2');
    const forced = await workshop.out(['rmi', '-f', id]);
    expect(forced.trim().split('\n').sort()).toEqual(['Untagged: several:1', 'Untagged: several:2']);
  });

  test('goes on after one that is not there', async () => {
    await workshop.out(['tag', 'app:1', 'there:1']);
    const { status, stdout, stderr } = await workshop.varve(['rmi', 'nowhere:1', 'there:1']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'Untagged: there:1\n' });
    expect(stderr).toContain('nowhere:1');
  });
});
