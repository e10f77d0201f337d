import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

/** A user with ranges of ids of its own, as whom root can try what ordinary users have. */
async function findOrdinaryUser(): Promise<string | undefined> {
  const [subuid, subgid, passwd] = await Promise.all(
    ['/etc/subuid', '/etc/subgid', '/etc/passwd'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const names = (text = ''): readonly string[] => text.split('\n').map((line) => line.split(':')[0] ?? '');
  return names(subuid).find(
    (name) => name !== '' && names(subgid).includes(name) && names(passwd).includes(name),
  );
}

test('an ordinary user has the same sandbox, without devices of its own', async (context) => {
  if (process.getuid?.() !== 0) context.skip('the other tests run as an ordinary user already');
  const user = await findOrdinaryUser();
  if (user === undefined) return context.skip('no user of this machine has a line in /etc/subuid');
  const script = join(import.meta.dirname, 'ordinary-user.ts');
  const as = ['--reuid', user, '--regid', user, '--clear-groups', '--reset-env'];
  const { stdout } = await run('setpriv', [...as, process.execPath, script], { timeout: 60_000 });
  expect(JSON.parse(stdout)).toEqual({
    made: {
      exitCode: 0,
      stdout: '0:0\n',
      stderr: '',
      changes: [
        'home directory 755 0:0',
        'home/.wh.ada file 644 0:0',
        'made file 640 1234:50',
        'own file 644 0:0',
      ],
    },
    seen: {
      exitCode: 0,
      stdout: '1234:50 640\nhome\n',
      stderr: 'ls: /home/ada: No such file or directory\n',
      changes: [],
    },
    asAda: {
      exitCode: 0,
      stdout: '1000:1000\n',
      stderr: '',
      changes: ['tmp directory 1777 0:0', 'tmp/x file 644 1000:1000'],
    },
    device: { exitCode: 1, stdout: '', stderr: 'mknod: /mem: Operation not permitted\n', changes: [] },
    leftOver: [],
  });
});
