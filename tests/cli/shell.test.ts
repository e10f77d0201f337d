import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useSandboxWorkshop } from './support/use-sandbox-workshop.ts';

const { workshop, inSandbox } = useSandboxWorkshop();

/** Builds what fails and answers the digits by which the error says that one gets in. */
async function fail(name: string, run: string, options: readonly string[] = []): Promise<string> {
  const folder = await workshop.write(name, {
    Dockerfile: `FROM busybox\nARG WHO=nobody\nENV WHERE=here\nWORKDIR /work\nRUN ${run}\n`,
    'from-context': 'in the context\n',
  });
  const { status, stderr } = await workshop.varve(['build', ...options, folder]);
  expect(status).toBe(1);
  return /^ {2}Look around where it failed: varve shell ([0-9a-f]{12})$/m.exec(stderr)?.[1] ?? stderr;
}

/** What a shell shows of these lines; it ends with them. */
async function type(ref: string, lines: readonly string[]): Promise<{ status: number | null; seen: string }> {
  const { status, stdout } = await workshop.varve(['shell', ref], { stdin: `${lines.join('\n')}\n` });
  return { status, seen: stdout.replaceAll('\r', '') };
}

describe('varve shell', () => {
  inSandbox('goes where the RUN failed that the error is of, when two fail side by side', async () => {
    const meet = (own: string, other: string): string =>
      `RUN --mount=type=cache,target=/c touch /${own} /c/${own}; until test -e /c/${other}; do sleep 0.01; done; exit 3`;
    const stages = `FROM busybox AS a\n${meet('of-a', 'of-b')}\nFROM busybox AS b\n${meet('of-b', 'of-a')}\n`;
    const copies = 'FROM busybox\nCOPY --from=a /of-a /\nCOPY --from=b /of-b /\n';
    const folder = await workshop.write('side-by-side', { Dockerfile: stages + copies });
    const { stderr } = await workshop.varve(['build', '--progress', 'quiet', folder]);
    const ref = /varve shell ([0-9a-f]{12})$/m.exec(stderr)?.[1] ?? stderr;
    const failed = /touch \/(of-[ab]) /.exec(stderr)?.[1];
    expect((await workshop.out(['ls', ref, '/'])).match(/of-[ab]/g)).toEqual([failed]);
  });

  inSandbox(
    'goes on where a RUN failed: its files, variables, folder and mounts, but no secret',
    async () => {
      await writeFile(join(workshop.folder, 'key'), 'the secret word');
      const ref = await fail(
        'failing',
        '--mount=type=bind,source=from-context,target=/m --mount=type=cache,target=/c --mount=type=tmpfs,target=/t ' +
          '--mount=type=secret,id=key,env=KEY echo made > made && echo cached > /c/f && rm /etc/group && exit 3',
        ['--build-arg', 'WHO=somebody', '--secret', 'id=key,src=key'],
      );
      const { status, seen } = await type(ref, [
        'echo "<$WHO $WHERE $PWD [$KEY]>"',
        'echo "<$(cat made /m /c/f)>"',
        'ls /etc/group; grep -c " /t tmpfs" /proc/mounts; ls /run/secrets; tty',
        'touch /new && exit 5',
      ]);
      expect(status).toBe(5);
      expect(seen).toContain('<somebody here /work []>\n');
      expect(seen).toContain('<made\nin the context\ncached>\n');
      expect(seen).toContain('ls: /etc/group: No such file or directory\n1\n');
      expect(seen).toMatch(/\/dev\/pts\/\d+\n/);
      const again = await workshop.varve(['shell', ref, 'ls', '/new']);
      expect([again.status, again.stdout.trim()]).toEqual([1, 'ls: /new: No such file or directory']);
    },
  );

  inSandbox('leaves what a RUN failed with to be browsed, and in no list', async () => {
    const ref = await fail('browsed', 'echo half done > result; false');
    expect(await workshop.out(['cat', ref, '/work/result'])).toBe('half done\n');
    expect(await workshop.out(['images', '--digests', '--no-trunc'])).not.toMatch(
      new RegExp(`${ref}|<none>`),
    );
  });

  inSandbox('keeps the last five only', async () => {
    const refs: string[] = [];
    for (let index = 0; index < 6; index += 1) refs.push(await fail('many', `echo ${index} > result; false`));
    const ends = await Promise.all(refs.map((ref) => workshop.varve(['cat', ref, '/work/result'])));
    expect(ends.map(({ stdout }) => stdout.trim())).toEqual(['', '1', '2', '3', '4', '5']);
  });

  inSandbox('starts in any image, as a container of it would', async () => {
    const { seen } = await type('busybox', ['echo "<$PATH $(id -u)>"', 'exit']);
    expect(seen).toContain('</usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin 0>\n');
    expect((await workshop.varve(['shell', 'busybox', 'sh', '-c', 'exit 9'])).status).toBe(9);
  });

  inSandbox('ends when nothing more is typed', async () => {
    expect((await type('busybox', ['echo "<$((6 * 7))>"'])).seen).toContain('<42>');
  });

  test('says when an image has no shell', async () => {
    const folder = await workshop.write('bare', { Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' });
    await workshop.out(['build', '-q', '-t', 'bare', folder]);
    const { status, stderr } = await workshop.varve(['shell', 'bare']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('varve: bare has no shell')]);
  });
});
