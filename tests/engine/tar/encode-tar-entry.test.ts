import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import tarStream from 'tar-stream';
import { expect, test } from 'vitest';
import { encodeTarEntry } from '../../../src-main/engine/tar/encode-tar-entry.ts';
import { createTarEntry, type TarEntry } from '../../../src-main/engine/tar/tar-entry.ts';
import { archive, readAll } from './tar-bytes.ts';

const encode = (given: Parameters<typeof createTarEntry>[0]): Uint8Array =>
  encodeTarEntry(createTarEntry(given));

test('an ordinary entry is one ustar block without names of users', () => {
  const block = Buffer.from(encode({ path: 'a/b', type: 'file', sizeBytes: 8, mtime: 12.9, uid: 1000 }));
  expect(block.length).toBe(512);
  expect(block.subarray(0, 4).toString()).toBe('a/b\0');
  expect(block.subarray(100, 156).toString()).toBe(
    '0000644\x000001750\x000000000\x0000000000010\x0000000000014\x00007602\0 ',
  );
  expect(block.subarray(257, 265).toString()).toBe('ustar\x0000');
  expect(block.subarray(265, 329).every((byte) => byte === 0)).toBe(true);
});

test('a folder ends with a slash, and the root is ./', () => {
  expect(
    Buffer.from(encode({ path: 'a', type: 'directory' }))
      .subarray(0, 3)
      .toString(),
  ).toBe('a/\0');
  expect(
    Buffer.from(encode({ path: '', type: 'directory' }))
      .subarray(0, 3)
      .toString(),
  ).toBe('./\0');
});

test.each<[string, Partial<TarEntry>, number]>([
  ['a name of 100 characters', { path: 'n'.repeat(100) }, 512],
  ['a name of 101 characters', { path: 'n'.repeat(101) }, 1536],
  ['a long path that can be divided', { path: `${'p'.repeat(155)}/${'n'.repeat(100)}` }, 512],
  ['a name that is not ASCII', { path: 'é' }, 1536],
  ['the largest size in octal', { sizeBytes: 2 ** 33 - 1 }, 512],
  ['a size of 8 GiB', { sizeBytes: 2 ** 33 }, 1536],
  ['the largest id in octal', { uid: 2 ** 21 - 1 }, 512],
  ['a larger id', { gid: 2 ** 21 }, 1536],
  ['a time before 1970', { mtime: -1 }, 1536],
])('%s takes as many blocks as it needs', (_, given, length) => {
  expect(encode({ path: 'x', type: 'file', ...given }).length).toBe(length);
});

test('equal entries give equal bytes, whatever the order of their attributes', () => {
  const a = new Map([
    ['user.a', Buffer.from('1')],
    ['user.b', Buffer.from('2')],
  ]);
  const b = new Map([...a].reverse());
  expect(encode({ path: 'x', type: 'file', xattrs: a })).toEqual(
    encode({ path: 'x', type: 'file', xattrs: b }),
  );
});

test.each([-1, 1.5, Number.NaN, 2 ** 60])('the size %d is refused', (sizeBytes) => {
  expect(() => encode({ path: 'x', type: 'file', sizeBytes })).toThrow('cannot hold the size');
});

const component = fc
  .string({
    unit: fc.constantFrom('a', 'B', '.', ' ', 'ü', '漢', '😀', '-', '\\', '\n'),
    minLength: 1,
    maxLength: 60,
  })
  .filter((name) => name !== '.' && name !== '..');
const anyEntry = fc.record({
  path: fc.array(component, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/')),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0xfffffffe }),
  gid: fc.integer({ min: 0, max: 0xfffffffe }),
  mtime: fc.integer({ min: -(2 ** 33), max: 2 ** 40 }),
  link: fc.array(component, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/')),
  xattrs: fc
    .dictionary(fc.stringMatching(/^user\.[a-z]{1,9}$/), fc.uint8Array({ maxLength: 40 }), { maxKeys: 3 })
    .map((found) => new Map(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))),
});

test('whatever is written is read again, and tar-stream agrees', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntry, async (given) => {
      const entry = createTarEntry({ ...given, type: 'symlink' });
      const bytes = archive(entry);
      expect((await readAll(bytes)).map((found) => found.entry)).toEqual([entry]);
      expect(await readWithTarStream(bytes)).toEqual([
        { name: entry.path, linkname: entry.link, mode: entry.mode },
      ]);
    }),
    { numRuns: 150 },
  );
});

async function readWithTarStream(bytes: Buffer): Promise<unknown[]> {
  const found: unknown[] = [];
  const extract = tarStream.extract();
  extract.end(bytes);
  for await (const entry of extract) {
    const { name, linkname, mode } = entry.header;
    found.push({ name, linkname, mode });
    entry.resume();
  }
  return found;
}

test('GNU tar lists what we write', () => {
  const bytes = archive(
    { path: 'plain', type: 'file', text: 'hello', uid: 5, gid: 6, mtime: 86_400 },
    { path: `${'deep/'.repeat(60)}file`, type: 'file', text: 'x', uid: 3_000_000 },
    { path: 'link', type: 'symlink', link: 't'.repeat(150) },
  );
  const listed = execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--utc', '--file=-'], {
    input: bytes,
    encoding: 'utf8',
  });
  expect(
    listed
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/\s+/g, ' ')),
  ).toEqual([
    '-rw-r--r-- 5/6 5 1970-01-02 00:00 plain',
    `-rw-r--r-- 3000000/0 1 1970-01-01 00:00 ${'deep/'.repeat(60)}file`,
    `lrwxrwxrwx 0/0 0 1970-01-01 00:00 link -> ${'t'.repeat(150)}`,
  ]);
});
