import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { useSandboxWorkshop } from './support/use-sandbox-workshop.ts';

const { workshop, inSandbox } = useSandboxWorkshop(async (shop) => {
  await writeFile(join(shop.folder, 'key'), 'word\n');
  await shop.write('named', { n: 'named\n' });
});

let builds = 0;

/** What the RUNs of a Dockerfile print, each line in its place; the error when the build fails. */
async function printed(
  lines: readonly string[],
  options: readonly string[] = [],
): Promise<readonly string[]> {
  const folder = await workshop.write(`mounts-${(builds += 1)}`, {
    Dockerfile: `${lines.join('\n')}\n`,
    'dir/x': 'from the context\n',
  });
  const { status, stderr } = await workshop.varve([
    'build',
    '--progress',
    'plain',
    '--no-cache',
    ...options,
    folder,
  ]);
  if (status !== 0) return [stderr];
  return stderr.split('\n').flatMap((line) => /^#\d+ \d+\.\d+ (.*)$/.exec(line)?.[1] ?? []);
}

// What BuildKit does with the same instructions was looked at line by line: it prints the same.

describe('a bind mount', () => {
  inSandbox('shows the context, an earlier stage, an image or a named context', async () => {
    const said = await printed(
      [
        'FROM busybox AS other',
        'RUN mkdir /o && echo from a stage > /o/f && chmod 750 /o',
        'FROM busybox',
        'RUN --mount=type=bind,source=dir,target=/b cat /b/x; stat -c "%a %u:%g" /b/x',
        'RUN --mount=type=bind,from=other,source=/o,target=/b cat /b/f; stat -c %a /b',
        'RUN --mount=type=bind,from=busybox,source=/etc/group,target=/b head -1 /b',
        'RUN --mount=type=bind,from=named,target=/b cat /b/n',
        'RUN ls -d /b || true',
      ],
      ['--build-context', `named=${join(workshop.folder, 'named')}`],
    );
    expect(said).toEqual([
      'from the context',
      '644 0:0',
      'from a stage',
      '750',
      'root:x:0:',
      'named',
      'ls: /b: No such file or directory',
    ]);
  });

  inSandbox('is read-only, or throws away what is written to it', async () => {
    expect(
      await printed([
        'FROM busybox',
        'RUN --mount=type=bind,target=/b touch /b/new || true',
        'RUN --mount=type=bind,target=/b,rw echo y > /b/new && cat /b/new',
        'RUN --mount=type=bind,target=/b ls /b',
      ]),
    ).toEqual(['touch: /b/new: Read-only file system', 'y', 'Dockerfile', 'dir']);
  });
});

describe('a cache mount', () => {
  inSandbox('goes with a prune of the cache, which frees what the list says', async () => {
    const folder = await workshop.write('pruned', {
      Dockerfile:
        'FROM busybox\nRUN --mount=type=cache,id=pruned,target=/c dd if=/dev/zero of=/c/f bs=1k count=300\n',
    });
    await workshop.out(['build', folder]);
    const listed = (await workshop.out(['cache', 'ls', '--format', 'json'])).trim().split('\n');
    const rows = listed.map((line) => JSON.parse(line) as Record<string, unknown>);
    const free = rows.filter(({ Reclaimable }) => Reclaimable === 'true');
    const bytes = free.reduce((sum, { Bytes }) => sum + Number(Bytes), 0);
    expect(free.find(({ Description }) => Description === 'cache mount pruned')?.['Bytes']).toBeGreaterThan(
      300 * 1024,
    );
    expect(await workshop.out(['cache', 'prune', '--dry-run'])).toMatch(
      new RegExp(`^Would free ${bytes} bytes .*: ${free.length} entr`),
    );
    await workshop.out(['cache', 'prune', '--force']);
    expect(await workshop.out(['cache', 'ls', '--format', 'json'])).not.toContain('cache mount');
  });

  inSandbox('begins empty in both builds of a proof, and nothing is left of it', async () => {
    const use = 'test -e /c/f || cat /proc/sys/kernel/random/uuid > /c/f; cp /c/f /got';
    const mounts = join(workshop.root, 'cache-mounts');
    const mount = 'RUN --mount=type=cache,id=proved,target=/c';
    const Dockerfile = `FROM busybox\n${mount} ${use}\n${mount} cp /c/f /again\n`;
    const folder = await workshop.write('proved', { Dockerfile });
    await workshop.out(['build', folder]);
    const before = await readdir(mounts);
    const proof = ['build', '--prove', '--reproducible', '--progress', 'quiet', '--format', 'json', folder];
    const { stdout } = await workshop.varve(proof);
    expect(JSON.parse(stdout)).toMatchObject({
      equal: false,
      difference: { path: 'got', field: 'content', location: { line: 2 } },
    });
    expect(await readdir(mounts)).toEqual(before);
  });

  inSandbox('is found again by its id in the next build, and by none with another owner', async () => {
    const grow = 'RUN --mount=type=cache,target=/c echo 1 >> /c/f; wc -l < /c/f; stat -c "%a %u:%g" /c';
    const others = [
      'RUN --mount=type=cache,target=/c,uid=5,gid=6,mode=0711 stat -c "%a %u:%g" /c; ls /c',
      'RUN --mount=type=cache,id=/c,target=/elsewhere wc -l < /elsewhere/f',
      'RUN --mount=type=cache,target=/c,ro touch /c/x || ls /c',
    ];
    expect(await printed(['FROM busybox', grow])).toEqual(['1', '755 0:0']);
    expect(await printed(['FROM busybox', grow, ...others])).toEqual([
      '2',
      '755 0:0',
      '711 5:6',
      '2',
      'touch: /c/x: Read-only file system',
      'f',
    ]);
  });

  inSandbox('has the name of its target as it is written, in the place that the build says', async () => {
    const list = 'RUN --mount=type=cache,id=written,target=/k ls /k';
    const fill = 'RUN --mount=type=cache,target=written touch written/f';
    expect(await printed(['FROM busybox', 'WORKDIR /w', fill, list])).toEqual(['f']);
    const elsewhere = ['--build-arg', 'BUILDKIT_CACHE_MOUNT_NS=elsewhere'];
    expect(await printed(['FROM busybox', list], elsewhere)).toEqual([]);
  });

  inSandbox('begins with what a stage has', async () => {
    const stage = ['FROM busybox AS seed', 'RUN mkdir -m 750 /s && echo seed > /s/f', 'FROM busybox'];
    const use = 'RUN --mount=type=cache,id=seeded,target=/d,from=seed,source=/s cat /d/f; stat -c %a /d';
    expect(await printed([...stage, use])).toEqual(['seed', '750']);
  });

  inSandbox(
    'that is locked is used by one of several processes at a time, a private one is another',
    async () => {
      const busy =
        'test -e /c/busy && echo both; touch /c/busy; for i in 1 2 3 4 5 6 7 8; do ls /bin > /dev/null; done; rm /c/busy';
      const locked = `RUN --mount=type=cache,id=locked,target=/c,sharing=locked ${busy}`;
      const own = `RUN --mount=type=cache,id=private,target=/c,sharing=private ${busy}`;
      const all = await Promise.all(
        [1, 2, 3].map((n) => printed(['FROM busybox', `${locked} # ${n}`, `${own} # ${n}`])),
      );
      expect(all).toEqual([[], [], []]);
    },
  );
});

describe('other mounts', () => {
  inSandbox('give memory of a size', async () => {
    const lines = [
      'FROM busybox',
      "RUN --mount=type=tmpfs,target=/t,size=1m df -k /t | tail -1 | tr -s ' ' | cut -d' ' -f 2; stat -c %a /t",
      'RUN ls -d /t || true',
    ];
    expect(await printed(lines)).toEqual(['1024', '1777', 'ls: /t: No such file or directory']);
  });

  inSandbox('give a secret as a file with its owner and mode, as a variable, or not at all', async () => {
    const lines = [
      'FROM busybox',
      'RUN --mount=type=secret,id=key stat -c "%a %u:%g %s" /run/secrets/key',
      'RUN --mount=type=secret,id=key,target=/s,uid=7,gid=8,mode=0440 stat -c "%a %u:%g" /s',
      'RUN --mount=type=secret,id=key,env=K test -n "$K" && ls /run/secrets || true',
      'RUN --mount=type=secret,id=none ls /run/secrets || true',
    ];
    expect(await printed(lines, ['--secret', 'id=key,src=key'])).toEqual([
      '400 0:0 5',
      '440 7:8',
      'ls: /run/secrets: No such file or directory',
      'ls: /run/secrets: No such file or directory',
    ]);
    const [error] = await printed(['FROM busybox', 'RUN --mount=type=secret,id=key,required true']);
    expect(error).toContain('the secret key is required and was not given');
  });

  inSandbox('pass the SSH agent that was given', async () => {
    const path = join(workshop.folder, 'agent.sock');
    const agent = createServer((client) => client.end('agent here\n')).listen(path);
    await once(agent, 'listening');
    try {
      const lines = [
        'FROM busybox',
        'RUN --mount=type=ssh echo $SSH_AUTH_SOCK; stat -c "%F %a %u:%g" $SSH_AUTH_SOCK',
        'RUN --mount=type=ssh,id=other echo $SSH_AUTH_SOCK',
      ];
      expect(await printed(lines, ['--ssh', `default=${path}`])).toEqual([
        '/run/buildkit/ssh_agent.0',
        'socket 600 0:0',
        '/run/buildkit/ssh_agent.0',
      ]);
    } finally {
      agent.close();
    }
    const [error] = await printed(['FROM busybox', 'RUN --mount=type=ssh,required true']);
    expect(error).toContain('the SSH agent default is required and was not given');
  });
});
