import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { VARVE, VARVE_SOURCE } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const BIG = Array.from({ length: 400_000 }, (_, index) => `line ${index}\n`).join('');

const workshop = useWorkshop(async ({ out, write }) => {
  const files = { 'etc/name': 'one\n', 'etc/deep/er': 'er\n', 'big.txt': BIG };
  const first = await write('one', { Dockerfile: 'FROM scratch\nCOPY etc /etc\nCOPY big.txt /\n', ...files });
  await out(['build', '-q', '-t', 'app:1', first], { env: { SOURCE_DATE_EPOCH: '1700000000' } });
  const second = await write('two', {
    Dockerfile: 'FROM app:1\nCOPY name /etc/name\nCOPY name /etc/new\n',
    name: 'two\n',
  });
  await out(['build', '-q', '-t', 'app:2', second]);
});

describe('varve ls', () => {
  test('lists a folder, folders first', async () => {
    expect(await workshop.out(['ls', 'app:1'])).toBe('etc\nbig.txt\n');
    expect(await workshop.out(['ls', 'app:1', 'etc'])).toBe('deep\nname\n');
  });

  test('lists everything below', async () => {
    expect((await workshop.out(['ls', '-R', 'app:1'])).trim().split('\n')).toEqual([
      '/etc',
      '/etc/deep',
      '/etc/deep/er',
      '/etc/name',
      '/big.txt',
    ]);
  });

  test('shows mode, owner and size, and a file alone', async () => {
    const line = await workshop.out(['ls', '-l', 'app:1', '/etc/name']);
    expect(line).toMatch(/^-rw-r--r-- 0:0 +4 \d{4}-\d\d-\d\d \d\d:\d\d name\n$/);
  });

  test('sorts by size', async () => {
    const paths = (await workshop.out(['ls', '--sort', 'size', 'app:1'])).trim().split('\n');
    expect(paths).toEqual(['big.txt', 'etc']);
  });

  test('shows what one layer did', async () => {
    const lines = (await workshop.out(['ls', '-R', '--layer', '2', 'app:2'])).trimEnd().split('\n');
    expect(lines).toContain('~ /etc/name');
  });

  test('prints JSON lines', async () => {
    const rows = (await workshop.out(['ls', '--format', 'json', 'app:1', '/etc'])).trim().split('\n');
    expect(rows.map((row) => (JSON.parse(row) as { path: string }).path)).toEqual(['/etc/deep', '/etc/name']);
  });

  test('fails for what is not there', async () => {
    const { status, stdout, stderr } = await workshop.varve(['ls', 'app:1', '/nowhere']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^varve: .*\/nowhere/);
  });
});

describe('varve cat', () => {
  test('prints a file of any size byte for byte', async () => {
    expect((await workshop.out(['cat', 'app:1', '/big.txt'])) === BIG).toBe(true);
  });

  test('prints several files one after the other', async () => {
    expect(await workshop.out(['cat', 'app:2', '/etc/name', 'etc/deep/er'])).toBe('two\ner\n');
  });

  test('stops without a word when its reader goes away', async () => {
    const child = spawn('sh', ['-c', '"$0" cat app:1 /big.txt | head -n 1', VARVE], {
      env: { ...process.env, VARVE_ROOT: workshop.root, ...VARVE_SOURCE },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => printed.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => printed.push(bytes));
    await once(child, 'close');
    expect(Buffer.concat(printed).toString()).toBe('line 0\n');
  });

  test('fails for a folder', async () => {
    const { status, stdout, stderr } = await workshop.varve(['cat', 'app:1', '/etc']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^varve: .*\/etc/);
  });
});

describe('varve diff', () => {
  test('lists what was added, changed and deleted', async () => {
    const forth = (await workshop.out(['diff', 'app:1', 'app:2'])).trim().split('\n');
    const back = (await workshop.out(['diff', 'app:2', 'app:1'])).trim().split('\n');
    expect(forth).toEqual(expect.arrayContaining(['C /etc/name', 'A /etc/new']));
    expect(back).toEqual(expect.arrayContaining(['C /etc/name', 'D /etc/new']));
    expect(forth.some((line) => line.includes('/big.txt'))).toBe(false);
  });

  test('is empty for an image and itself', async () => {
    expect(await workshop.out(['diff', 'app:1', 'app:1'])).toBe('');
  });
});
