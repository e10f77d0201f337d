import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useSandboxWorkshop } from './support/use-sandbox-workshop.ts';

const { workshop, inSandbox } = useSandboxWorkshop();

let builds = 0;

/** What a RUN at the end of this Dockerfile prints, and how the build ended. */
async function runs(run: string, options: readonly string[] = [], before = ''): Promise<string> {
  const name = `run-${(builds += 1)}`;
  const folder = await workshop.write(name, { Dockerfile: `FROM busybox\n${before}RUN ${run}\n` });
  const { stderr } = await workshop.varve(['build', '--progress', 'plain', '-t', name, ...options, folder]);
  const lines = stderr.split('\n').flatMap((line) => /^#\d+ \d+\.\d+ (.*)$/.exec(line)?.[1] ?? []);
  return stderr.includes('Built ') ? lines.join('\n') : stderr;
}

describe('limits', () => {
  inSandbox('of processes are in force in every RUN', async () => {
    const limits = ['--ulimit', 'nofile=100:200', '--ulimit', 'core=-1', '--ulimit', 'nproc=500'];
    expect(
      await runs(
        'ulimit -n; ulimit -Hn; ulimit -c; grep "Max processes" /proc/self/limits | tr -s " "',
        limits,
      ),
    ).toBe('100\n200\nunlimited\nMax processes 500 500 processes ');
  });

  inSandbox('of shared memory too, and a RUN with others runs anew', async () => {
    const run = 'df -k /dev/shm | tail -1 | tr -s " " | cut -d " " -f 2';
    expect(await runs(run)).toBe('65536');
    expect(await runs(run, ['--shm-size', '128m'])).toBe('131072');
    expect(await runs(run, ['--shm-size', '128m'])).toBe('');
  });
});

test.each([
  ['--ulimit', 'files=1', 'there is no limit "files"'],
  ['--ulimit', 'nofile', 'not of the form NAME=SOFT[:HARD]'],
  ['--ulimit', 'nofile=a:b', 'not of the form NAME=SOFT[:HARD]'],
  ['--ulimit', 'nofile=20:10', 'Write the smaller number first: nofile=10:20.'],
  ['--shm-size', '0', 'a size above zero'],
  ['--shm-size', '5q', 'a size above zero'],
  ['--add-host', 'mirror', 'HOST:IP or HOST:host-gateway'],
  ['--add-host', 'mirror:10.1.2', 'HOST:IP or HOST:host-gateway'],
])('%s %s is refused with what to write', async (option, value, message) => {
  const folder = await workshop.write('refused', { Dockerfile: 'FROM busybox\n' });
  const { status, stderr } = await workshop.varve(['build', option, value, folder]);
  expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
});

/** The entries of the last layer of an image, without the folders that the first RUN makes. */
async function lastLayer(): Promise<readonly string[]> {
  const changes = await workshop.out(['diff', `base-of-${builds}`, `run-${builds}`]);
  return changes.split('\n').filter((line) => line !== '' && !/ \/(?:dev|proc|sys)$/.test(line));
}

const BASES: Readonly<Record<string, string>> = {
  'have none of them': '',
  'have them as files':
    'COPY <<A /etc/hosts\nown hosts\nA\nCOPY <<A /etc/resolv.conf\nown resolv\nA\nCOPY <<A /etc/hostname\nown name\nA\n',
};

describe('network files', () => {
  for (const [how, before] of Object.entries(BASES)) {
    inSandbox(`are the build’s own and no part of a layer when the layers below ${how}`, async () => {
      const base = await workshop.write(`base-${how.length}`, { Dockerfile: `FROM busybox\n${before}` });
      await workshop.out(['build', '-q', '-t', `base-of-${builds + 1}`, base]);
      const said = await runs(
        'exec 2>&1; cat /etc/hosts; echo x >> /etc/hosts; echo x >> /etc/resolv.conf; hostname; true',
        ['--add-host', 'mirror:10.1.2.3', '--add-host', 'six=[::5]', '--add-host', 'here:host-gateway'],
        before,
      );
      expect(said.split('\n').filter((line) => line !== '')).toEqual([
        '127.0.0.1\tlocalhost buildkitsandbox',
        '::1\tlocalhost ip6-localhost ip6-loopback',
        '10.1.2.3\tmirror',
        '::5\tsix',
        '127.0.0.1\there',
        "/bin/sh: can't create /etc/hosts: Read-only file system",
        "/bin/sh: can't create /etc/resolv.conf: Read-only file system",
        'buildkitsandbox',
      ]);
      expect(await lastLayer()).toEqual([]);
    });
  }

  inSandbox('leave a base’s links as they are, and nothing where these lead', async () => {
    const links = await workshop.write('links', {});
    await symlink('/nowhere/hosts', join(links, 'hosts'));
    await symlink('../run/net/resolv.conf', join(links, 'resolv.conf'));
    const [before, given] = ['COPY --from=links . /etc/\n', ['--build-context', `links=${links}`]];
    const base = await workshop.write('base-links', { Dockerfile: `FROM busybox\n${before}` });
    await workshop.out(['build', '-q', '-t', `base-of-${builds + 1}`, ...given, base]);
    const said = await runs(
      'head -1 /etc/hosts; test -f /etc/resolv.conf && readlink /etc/hosts && readlink /etc/resolv.conf; echo y > /opt',
      given,
      before,
    );
    expect(said).toContain('127.0.0.1\tlocalhost buildkitsandbox\n/nowhere/hosts\n../run/net/resolv.conf');
    expect(await lastLayer()).toEqual(['A /opt']);
  });

  inSandbox('of a RUN without a network name no server, and there is only a loopback', async () => {
    expect(
      await runs('--network=none cat /etc/resolv.conf; ls /sys/class/net; wc -c < /etc/resolv.conf'),
    ).toBe('lo\n0');
    expect(await runs('ls /sys/class/net # all', ['--network', 'none'])).toBe('lo');
  });

  inSandbox('of a build without a network are nothing that a Dockerfile could change', async () => {
    const said = await runs('--network=host true', ['--network', 'none']);
    expect(said).toContain('Dockerfile:2:15: RUN --network=host is not allowed: this build has no network');
  });

  inSandbox('name the host as the build says', async () => {
    const name = ['--build-arg', 'BUILDKIT_SANDBOX_HOSTNAME=builder'];
    expect(await runs('hostname; grep -c builder /etc/hosts', name)).toBe('builder\n1');
  });
});
