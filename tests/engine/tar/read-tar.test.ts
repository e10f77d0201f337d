import { describe, expect, test } from 'vitest';
import tarStream from 'tar-stream';
import { readTar } from '../../../src-main/engine/tar/read-tar.ts';
import { createTarEntry } from '../../../src-main/engine/tar/tar-entry.ts';
import { archive, bytesOf, END, inChunks, rawExtension, rawHeader, readAll, record } from './tar-bytes.ts';

const plain = (name: string): Buffer => Buffer.concat([rawHeader({ name }), END]);

describe('an archive of our own', () => {
  const bytes = archive(
    { path: '', type: 'directory', mode: 0o700 },
    { path: 'etc', type: 'directory' },
    { path: 'etc/motd', type: 'file', text: 'hello', uid: 7, gid: 8, mtime: 1_700_000_000, mode: 0o4755 },
    { path: 'etc/link', type: 'symlink', link: '../x' },
    { path: 'etc/hard', type: 'hardlink', link: 'etc/motd' },
    { path: 'dev/null', type: 'char', devMajor: 1, devMinor: 3 },
    { path: 'big', type: 'file', text: 'y'.repeat(5000) },
  );

  test.each([1, 7, 511, 512, 513, 65_536])('reads the same in chunks of %i bytes', async (chunk) => {
    const found = await readAll(bytes, { chunk });
    expect(found.map(({ entry, text }) => ({ ...entry, text }))).toEqual([
      { ...createTarEntry({ path: '', type: 'directory', mode: 0o700 }), text: '' },
      { ...createTarEntry({ path: 'etc', type: 'directory' }), text: '' },
      {
        ...createTarEntry({
          path: 'etc/motd',
          type: 'file',
          uid: 7,
          gid: 8,
          mtime: 1_700_000_000,
          mode: 0o4755,
          sizeBytes: 5,
        }),
        text: 'hello',
      },
      { ...createTarEntry({ path: 'etc/link', type: 'symlink', link: '../x' }), text: '' },
      { ...createTarEntry({ path: 'etc/hard', type: 'hardlink', link: 'etc/motd' }), text: '' },
      { ...createTarEntry({ path: 'dev/null', type: 'char', devMajor: 1, devMinor: 3 }), text: '' },
      { ...createTarEntry({ path: 'big', type: 'file', sizeBytes: 5000 }), text: 'y'.repeat(5000) },
    ]);
  });

  test('tells where each content is', async () => {
    for (const { entry, text, contentOffset } of await readAll(bytes)) {
      expect(bytes.subarray(contentOffset, contentOffset + entry.sizeBytes).toString()).toBe(text);
    }
  });

  test('skips what is not read, or only begun', async () => {
    const names: string[] = [];
    for await (const { entry, content } of readTar(inChunks(bytes, 700))) {
      names.push(entry.path);
      if (entry.path === 'big') for await (const _ of content) break;
    }
    expect(names).toEqual(['', 'etc', 'etc/motd', 'etc/link', 'etc/hard', 'dev/null', 'big']);
  });

  test('refuses content that is read after its turn', async () => {
    const items = readTar(inChunks(bytes));
    let late: AsyncIterable<Uint8Array> | undefined;
    for await (const { entry, content } of items) if (entry.path === 'etc/motd') late = content;
    await expect(bytesOf(late ?? inChunks(bytes))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test.each([100, 512, 1030, 2000, 4000, 9000])('is refused when cut off after %i bytes', async (length) => {
    const isWhole = length % 512 === 0;
    const reading = readAll(bytes.subarray(0, length));
    if (isWhole) await expect(reading).resolves.toHaveLength(1);
    else await expect(reading).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  test('names the entry that is cut off', async () => {
    await expect(readAll(bytes.subarray(0, bytes.length - 3000), { what: 'layer' })).rejects.toThrow(
      'the layer is cut off in "big"',
    );
  });

  test("is read to its source's end, also behind the end marker", async () => {
    let delivered = 0;
    const source = async function* () {
      for await (const chunk of inChunks(Buffer.concat([bytes, Buffer.alloc(20_000)]), 1000)) {
        delivered += chunk.length;
        yield chunk;
      }
    };
    for await (const _ of readTar(source()));
    expect(delivered).toBe(bytes.length + 20_000);
  });

  test('stops when its signal fires, and closes its source', async () => {
    const controller = new AbortController();
    let isClosed = false;
    const source = async function* () {
      try {
        yield* inChunks(bytes, 512);
      } finally {
        isClosed = true;
      }
    };
    const reading = (async () => {
      for await (const _ of readTar(source(), { signal: controller.signal })) controller.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(isClosed).toBe(true);
  });
});

describe('names', () => {
  test.each([
    ['/etc/passwd', 'etc/passwd'],
    ['./a', 'a'],
    ['a//b/./c', 'a/b/c'],
    ['a/..b', 'a/..b'],
    ['...', '...'],
  ])('%s is %s', async (written, path) => {
    expect((await readAll(plain(written)))[0]?.entry.path).toBe(path);
  });

  test.each(['..', '../x', 'a/../b', 'a/..', '/..'])('%s leads out and is refused', async (name) => {
    await expect(readAll(plain(name))).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  test('a file that ends with a slash is a folder, as before POSIX', async () => {
    expect((await readAll(plain('old/')))[0]?.entry).toMatchObject({ path: 'old', type: 'directory' });
  });

  test('a file without a name is refused', async () => {
    await expect(readAll(plain('./'.slice(0, 1)))).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  test('a hard link leads nowhere but into the archive', async () => {
    const link = (target: string): Buffer => Buffer.concat([rawHeader({ type: '1', link: target }), END]);
    expect((await readAll(link('/a/./b')))[0]?.entry.link).toBe('a/b');
    await expect(readAll(link('../../etc/shadow'))).rejects.toMatchObject({ code: 'CORRUPT' });
    await expect(readAll(link(''))).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  test('bytes that are not UTF-8 come back as they were', async () => {
    const bytes = Buffer.concat([
      rawHeader({ name: Uint8Array.of(0x61, 0xff, 0xc3, 0xa9, 0x80, 0xed, 0xa0, 0x80) }),
      END,
    ]);
    const [found] = await readAll(bytes);
    const again = await readAll(archive({ path: found?.entry.path ?? '', type: 'file' }));
    expect(found?.entry.path).toBe('a\udcffé\udc80\udced\udca0\udc80');
    expect(again[0]?.entry.path).toBe(found?.entry.path);
  });
});

describe('PAX and GNU headers', () => {
  const withPax = (...records: string[]): Buffer =>
    Buffer.concat([rawExtension('x', records.join('')), rawHeader({ name: 'short' }), END]);

  test('say what a header cannot', async () => {
    const long = `${'d/'.repeat(150)}name`;
    const bytes = withPax(
      record('path', long),
      record('uid', '4000000000'),
      record('mtime', '1700000000.25'),
      record('SCHILY.xattr.user.a', 'one'),
      record('SCHILY.xattr.security.capability', '\0\x01=\n'),
      record('LIBARCHIVE.xattr.user.b%20c', 'dHdv'),
      record('comment', 'not of interest'),
    );
    expect((await readAll(bytes))[0]?.entry).toEqual({
      ...createTarEntry({ path: long, type: 'file', uid: 4_000_000_000, mtime: 1_700_000_000.25 }),
      xattrs: new Map([
        ['security.capability', Uint8Array.from([0, 1, 0x3d, 0x0a])],
        ['user.a', Uint8Array.from(Buffer.from('one'))],
        ['user.b c', Uint8Array.from(Buffer.from('two'))],
      ]),
    });
  });

  test('a global header holds for all entries until one says otherwise', async () => {
    const bytes = Buffer.concat([
      rawExtension('g', record('uid', '5') + record('comment', 'x')),
      rawHeader({ name: 'a' }),
      rawExtension('x', record('uid', '6')),
      rawHeader({ name: 'b' }),
      rawHeader({ name: 'c' }),
      END,
    ]);
    expect((await readAll(bytes)).map(({ entry }) => entry.uid)).toEqual([5, 6, 5]);
  });

  test('GNU long names and links', async () => {
    const name = 'n'.repeat(300);
    const link = 'l'.repeat(300);
    const bytes = Buffer.concat([
      rawExtension('L', `${name}\0`),
      rawExtension('K', `${link}\0`),
      rawHeader({ name: 'cut', type: '2', link: 'cut' }),
      END,
    ]);
    expect((await readAll(bytes))[0]?.entry).toMatchObject({ path: name, link });
  });

  test("GNU's binary numbers", async () => {
    const uid = Uint8Array.of(0x80, 0, 0, 0, 0, 0x20, 0, 0);
    expect((await readAll(Buffer.concat([rawHeader({ uid }), END])))[0]?.entry.uid).toBe(0x200000);
  });

  test.each<[string, Buffer, string]>([
    ['a NUL in a path', withPax(record('path', 'a\0b')), 'CORRUPT'],
    ['a NUL in a GNU name', Buffer.concat([rawExtension('L', 'a\0b'), rawHeader({}), END]), 'CORRUPT'],
    ['a negative size', withPax(record('size', '-1')), 'CORRUPT'],
    ['an overflowing size', withPax(record('size', '99999999999999999999')), 'CORRUPT'],
    ['a record that is too short', withPax('5 a=b\n'), 'CORRUPT'],
    ['a record that runs over the end', withPax('99 a=b\n'), 'CORRUPT'],
    ['a record without a length', withPax('x a=b\n'), 'CORRUPT'],
    ['a record without "="', withPax('6 abc\n'), 'CORRUPT'],
    ['a record of length 0', withPax('0 a=b\n'), 'CORRUPT'],
    ['a sparse file', withPax(record('GNU.sparse.major', '1')), 'UNSUPPORTED'],
    ['a global path', Buffer.concat([rawExtension('g', record('path', 'x')), plain('a')]), 'CORRUPT'],
    ['a path of more than 4,096 bytes', withPax(record('path', 'p'.repeat(4097))), 'LIMIT_EXCEEDED'],
    ['headers without an entry', Buffer.concat([rawExtension('x', record('path', 'x')), END]), 'CORRUPT'],
    [
      'headers of more than 1 MiB',
      Buffer.concat([rawHeader({ type: 'x', size: '00007777777' }), Buffer.alloc(2 ** 21)]),
      'LIMIT_EXCEEDED',
    ],
    [
      'headers without end',
      Buffer.concat([...Array.from({ length: 2100 }, () => rawExtension('L', '')), plain('x')]),
      'LIMIT_EXCEEDED',
    ],
  ])('%s is refused', async (_, bytes, code) => {
    await expect(readAll(bytes)).rejects.toMatchObject({ code });
  });
});

describe('hostile headers', () => {
  test.each<[string, Buffer, string]>([
    ['a wrong checksum', Buffer.concat([rawHeader({}).fill('y', 0, 1), END]), 'CORRUPT'],
    ['a size that is no number', Buffer.concat([rawHeader({ size: '12x' }), END]), 'CORRUPT'],
    [
      'a negative binary size',
      Buffer.concat([rawHeader({ size: new Uint8Array(12).fill(0xff) }), END]),
      'CORRUPT',
    ],
    [
      'an overflowing binary size',
      Buffer.concat([rawHeader({ size: new Uint8Array(12).fill(0xbf) }), END]),
      'CORRUPT',
    ],
    ['a sparse file', Buffer.concat([rawHeader({ type: 'S' }), END]), 'UNSUPPORTED'],
    ['a volume label', Buffer.concat([rawHeader({ type: 'V' }), END]), 'UNSUPPORTED'],
    ['an unknown type', Buffer.concat([rawHeader({ type: 'Z' }), END]), 'UNSUPPORTED'],
    ['an empty block in between', Buffer.concat([Buffer.alloc(512), plain('a')]), 'CORRUPT'],
    ['text instead of a tar', Buffer.from('no tar at all\n'.repeat(100)), 'CORRUPT'],
  ])('%s is refused', async (_, bytes, code) => {
    await expect(readAll(bytes)).rejects.toMatchObject({ code });
  });

  test('a size on a link means no content', async () => {
    const bytes = Buffer.concat([
      rawHeader({ name: 'l', type: '1', link: 'x', size: '00000001000' }),
      rawHeader({ name: 'next' }),
      END,
    ]);
    expect((await readAll(bytes)).map(({ entry }) => [entry.path, entry.sizeBytes])).toEqual([
      ['l', 0],
      ['next', 0],
    ]);
  });

  test('more entries than allowed are too many', async () => {
    const bytes = archive({ path: 'a', type: 'file' }, { path: 'b', type: 'file' });
    await expect(readAll(bytes, { maxEntries: 1 })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

test('reads what tar-stream wrote', async () => {
  const pack = tarStream.pack();
  const long = `${'folder/'.repeat(40)}ümlaut`;
  pack.entry({ name: long, mtime: new Date(1_600_000_000_000), uid: 1000, mode: 0o600 }, 'content');
  pack.entry({ name: 'f/', type: 'directory', mtime: new Date(0) });
  pack.entry({ name: 's', type: 'symlink', linkname: `../${'t'.repeat(120)}`, mtime: new Date(0) });
  pack.finalize();
  const found = await readAll(await bytesOf(pack as AsyncIterable<Uint8Array>));
  expect(found.map(({ entry, text }) => [entry.path, entry.type, entry.uid, entry.link, text])).toEqual([
    [long, 'file', 1000, '', 'content'],
    ['f', 'directory', 0, '', ''],
    ['s', 'symlink', 0, `../${'t'.repeat(120)}`, ''],
  ]);
});
