import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import type { TransferProgress } from '../../../src-main/contract/oci-types.ts';
import type { SandboxCommand, SandboxMount } from '../../../src-main/engine/sandbox/sandbox.ts';
import { folder, file, hardLink, link, putLayer } from './busybox-layer.ts';
import type { StoredLayer } from '../../../src-main/engine/filetree/layer-writer.ts';
import { changesOf, openTestSandbox, type Outcome, type TestSandbox } from './open-test-sandbox.ts';
import { processesWith } from './processes-with.ts';

let box: TestSandbox;
let hint: string | undefined;
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  box = await openTestSandbox();
  const probe = await box.sandbox.probe();
  hint = probe.available ? undefined : (probe.hint ?? 'no hint');
});

afterAll(() => box.close());

/** A test that is passed over, with the reason, on a machine without a sandbox. */
function inSandbox(name: string, body: (context: TestContext) => Promise<void>): void {
  test(name, async (context) => {
    if (hint !== undefined) context.skip(hint);
    await body(context);
  });
}

/** The base with what a command changed on top. */
function stack({ layer }: Outcome): readonly StoredLayer[] {
  return layer === undefined ? [box.base] : [box.base, layer];
}

describe('a command in the sandbox', () => {
  inSandbox('writes to both outputs and ends with its exit code', async () => {
    const { exitCode, stdout, stderr } = await box.run('echo out; echo err >&2; exit 7');
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  inSandbox('tells how much of its layers is unpacked, once', async () => {
    const layer = await putLayer(box.store, [file('big', 'x'.repeat(300_000))]);
    const told: TransferProgress[] = [];
    const layers = [box.base, layer];
    const onProgress = (progress: TransferProgress): void => void told.push(progress);
    await box.run('true', {});
    for (const _ of [1, 2]) await box.run('cat /big', { layers }, undefined, onProgress);
    const amounts = told.filter(({ what }) => what === 'unpacking');
    const { size } = layer.descriptor;
    expect(amounts.at(-1)).toEqual({ what: 'unpacking', bytes: size, totalBytes: size });
    expect(new Set(amounts.map(({ bytes }) => bytes)).size).toBe(amounts.length);
  });

  inSandbox('that fails gives what it had changed until then', async () => {
    const { exitCode, layer } = await box.run('echo half > /half; rm /opt/one; exit 7');
    expect([exitCode, changesOf(layer)]).toEqual([
      7,
      ['half file 644 0:0', 'opt directory 755 0:0', 'opt/.wh.one file 644 0:0'],
    ]);
  });

  inSandbox('ends with 128 and the number of the signal that killed it', async () => {
    expect((await box.run('sh -c "kill -9 \\$\\$"; exit $?')).exitCode).toBe(137);
  });

  inSandbox('can open /dev/stdout, /dev/stderr and /dev/stdin', async () => {
    const said = await box.run('cat /dev/stdin > /dev/stdout; echo e > /dev/stderr', {
      stdin: Buffer.from('from outside'),
    });
    expect([said.stdout, said.stderr]).toEqual(['from outside', 'e\n']);
  });

  inSandbox('passes on megabytes of output whole', async () => {
    const { stdout } = await box.run('dd if=/dev/zero bs=1M count=9 | tr "\\0" x');
    expect(stdout).toBe('x'.repeat(9 * 1024 * 1024));
  });

  inSandbox('says which program is not there', async () => {
    await expect(box.run('', { args: ['/bin/nothing-here'] })).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringContaining('/bin/nothing-here') as string,
    });
  });

  inSandbox('sees the environment that it was given, its home, and nothing of the host', async () => {
    const { stdout } = await box.run('env | sort', { env: ['PATH=/bin', 'GREETING=hello world'] });
    expect(stdout).toBe('GREETING=hello world\nHOME=/root\nPATH=/bin\nPWD=/\nSHLVL=1\n');
  });

  inSandbox('inherits no open file', async () => {
    const { stdout } = await box.run('ls /proc/self/fd');
    // The fourth is the folder that ls reads.
    expect(stdout).toBe('0\n1\n2\n3\n');
  });

  inSandbox('sees only its own processes', async () => {
    const { stdout } = await box.run('for each in /proc/[0-9]*; do echo "$each"; done');
    expect(stdout).toBe('/proc/1\n');
  });

  inSandbox('has the usual capabilities as root, and none as another', async () => {
    const asRoot = await box.run('grep -E "^(Cap|NoNew)" /proc/self/status');
    const asAda = await box.run('grep -E "^(CapPrm|CapEff|CapAmb)" /proc/self/status', { user: 'ada' });
    expect(asRoot.stdout).toBe(
      'CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\n' +
        'CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n',
    );
    expect(asAda.stdout).toBe(
      'CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000\n',
    );
  });

  inSandbox('can neither mount nor make namespaces', async () => {
    const { stdout } = await box.run(
      'mount -t tmpfs x /tmp 2>/dev/null || echo mount; unshare -U true 2>/dev/null || echo user; unshare -m true 2>/dev/null || echo mnt',
    );
    expect(stdout).toBe('mount\nuser\nmnt\n');
  });

  inSandbox('finds harmless devices, and can use no other that it makes', async () => {
    const { stdout } = await box.run(
      'echo x > /dev/null && head -c 2 /dev/zero | wc -c; mknod /mem c 1 1 2>/dev/null; cat /mem 2>/dev/null || echo refused;' +
        'mknod /dev/mem c 1 1 2>/dev/null; cat /dev/mem 2>/dev/null || echo refused',
    );
    expect(stdout).toBe('2\nrefused\nrefused\n');
  });

  inSandbox('runs in its working folder with the umask of a build', async () => {
    const { stdout } = await box.run('echo "$PWD"; umask', { cwd: '/home/ada' });
    expect(stdout).toBe('/home/ada\n0022\n');
  });

  inSandbox('keeps to its limits of open files and shared memory', async () => {
    const { stdout } = await box.run(
      'ulimit -n; df -m /dev/shm 2>/dev/null; grep " /dev/shm " /proc/mounts',
      {
        ulimits: [{ name: 'nofile', soft: 77, hard: 88 }],
        shmSizeBytes: 1024 * 1024,
      },
    );
    expect(stdout).toMatch(/^77\n.*size=1024k/s);
  });
});

describe('the user', () => {
  inSandbox('is found by name with its groups and home', async () => {
    const { stdout } = await box.run('id; echo $HOME', { user: 'ada' });
    expect(stdout).toBe('uid=1000(ada) gid=1000(app) groups=50(staff),1000(app)\n/home/ada\n');
  });

  inSandbox('may be a number that is not listed, and a group of its own', async () => {
    const number = await box.run('id -u; id -g; echo $HOME', { user: '4242' });
    const group = await box.run('id -u; id -g; id -G', { user: 'ada:staff' });
    expect([number.stdout, group.stdout]).toEqual(['4242\n0\n/\n', '1000\n50\n50\n']);
  });

  inSandbox('that is not there is named', async () => {
    await expect(box.run('true', { user: 'nosuch' })).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: 'unable to find user nosuch: no matching entries in passwd file',
    });
    await expect(box.run('true', { user: 'ada:nosuch' })).rejects.toMatchObject({
      message: 'unable to find group nosuch: no matching entries in group file',
    });
  });
});

describe('the layer of a command', () => {
  inSandbox('is empty when nothing changed', async () => {
    const first = await box.run('true');
    const second = await box.run('cat /etc/passwd > /dev/null; touch /dev/shm/x', { layers: stack(first) });
    expect(first.layer?.toc.entries.map(({ path }) => path)).toEqual(['dev', 'proc', 'sys']);
    expect(second.layer?.toc.entries).toEqual([]);
  });

  inSandbox('holds what was made, with owners, modes and links', async () => {
    const { layer } = await box.run(
      'mkdir -m 2750 /made && echo hi > /made/file && chown 1000:50 /made/file && chmod 4755 /made/file && ' +
        'ln /made/file /made/again && ln -s file /made/link && chown 33:44 /made',
    );
    expect(changesOf(layer)).toEqual([
      'made directory 2750 33:44',
      'made/again file 4755 1000:50',
      'made/file hardlink 4755 1000:50 -> made/again',
      'made/link symlink 777 0:0 -> file',
    ]);
  });

  inSandbox('removes with whiteouts, and hides a folder made anew', async () => {
    const made = await box.run(
      'rm /etc/group /opt/one; rm -r /home; mkdir /home; echo new > /home/new; rm -r /tmp',
    );
    expect(changesOf(made.layer)).toEqual([
      'etc directory 755 0:0',
      'etc/.wh.group file 644 0:0',
      'home directory 755 0:0',
      'home/.wh..wh..opq file 644 0:0',
      'home/new file 644 0:0',
      'opt directory 755 0:0',
      'opt/.wh.one file 644 0:0',
      '.wh.tmp file 644 0:0',
    ]);
    const seen = await box.run('ls /opt /home; cat /etc/group; ls /tmp', { layers: stack(made) });
    expect(seen.stdout).toBe('/home:\nnew\n\n/opt:\ntwo\n');
  });

  inSandbox('has all folders below one that was made anew, the unchanged too', async () => {
    const before = await box.run('mkdir -p /deep/in/side');
    const { layer } = await box.run('rm -r /deep && mkdir -p /deep/in/side', { layers: stack(before) });
    expect(layer?.toc.entries.map(({ path }) => path)).toEqual([
      'deep',
      'deep/.wh..wh..opq',
      'deep/in',
      'deep/in/side',
    ]);
  });

  inSandbox(
    'of a command that only makes and removes its own files has nothing, not even the folders’ new times',
    async () => {
      const { layer } = await box.run('touch /opt/mine && rm /opt/mine && mkdir -p /a/b && rm -r /a');
      expect(changesOf(layer)).toEqual([]);
    },
  );

  inSandbox('keeps devices made by real root', async (context) => {
    if (!isRoot) context.skip('only real root can make devices');
    const { layer } = await box.run('mknod /null c 1 3 && mknod /blk b 7 200 && chmod 640 /blk');
    expect(
      layer?.toc.entries
        .filter(({ path }) => ['null', 'blk'].includes(path))
        .map((entry) => [entry.path, entry.type, entry.mode.toString(8), entry.devMajor, entry.devMinor]),
    ).toEqual([
      ['blk', 'block', '640', 7, 200],
      ['null', 'char', '644', 1, 3],
    ]);
  });
});

describe('what lies under a command', () => {
  inSandbox('may be sixty layers', async () => {
    const layers = [box.base];
    for (let index = 0; index < 60; index += 1) {
      layers.push(await putLayer(box.store, [folder('many'), file(`many/${index}`, `${index}\n`)]));
    }
    const { stdout } = await box.run('ls /many | wc -l; cat /many/0 /many/59', { layers });
    expect(stdout).toBe('60\n0\n59\n');
  });

  inSandbox('keeps its owners, modes, times, hard links and sticky bits', async () => {
    const layer = await putLayer(box.store, [
      folder('data', { mode: 0o2711, uid: 7, gid: 8 }),
      file('data/a', 'a', { mode: 0o4750, uid: 9, gid: 10 }),
      hardLink('data/b', 'data/a'),
      link('data/l', 'nowhere'),
    ]);
    const { stdout } = await box.run(
      'stat -c "%n %a %u:%g %h %Y" /data /data/a /data/b /data/l; readlink /data/l',
      {
        layers: [box.base, layer],
      },
    );
    expect(stdout).toBe(
      '/data 2711 7:8 2 1700000000\n/data/a 4750 9:10 2 1700000000\n/data/b 4750 9:10 2 1700000000\n' +
        '/data/l 777 0:0 1 1700000000\nnowhere\n',
    );
  });

  inSandbox('shows a folder as the layer that lists it has it', async () => {
    const below = await putLayer(box.store, [folder('kept', { mode: 0o700, uid: 5 }), file('kept/old', 'o')]);
    const above = await putLayer(box.store, [file('kept/new', 'n')]);
    const { stdout } = await box.run('stat -c "%a %u %Y" /kept; ls /kept', {
      layers: [box.base, below, above],
    });
    expect(stdout).toBe('700 5 1700000000\nnew\nold\n');
  });

  inSandbox('applies whiteouts and opaque folders', async () => {
    const layer = await putLayer(box.store, [
      folder('opt'),
      file('opt/.wh.one', ''),
      folder('home'),
      file('home/.wh..wh..opq', ''),
      file('home/new', ''),
    ]);
    const { stdout } = await box.run('ls /opt /home', { layers: [box.base, layer] });
    expect(stdout).toBe('/home:\nnew\n\n/opt:\ntwo\n');
  });

  inSandbox('may be nothing', async () => {
    const busybox = await putLayer(box.store, [
      folder('b'),
      file('b/busybox', await readFile('/bin/busybox'), { mode: 0o755 }),
    ]);
    const { stdout } = await box.run('', { layers: [busybox], args: ['/b/busybox', 'echo', 'here'] });
    expect(stdout).toBe('here\n');
  });
});

describe('the network', () => {
  inSandbox("is the host's, or nothing but a loopback that is up", async () => {
    const none = await box.run(
      'cat /proc/net/dev | grep -c :; grep -o "lo:" /proc/net/dev; cat /sys/class/net/lo/operstate',
      {
        network: 'none',
      },
    );
    const host = await box.run('readlink /proc/self/ns/net');
    expect(none.stdout).toMatch(/^1\nlo:\n/);
    expect(host.stdout).toBe(`${await readlink('/proc/self/ns/net')}\n`);
  });

  inSandbox('has names of its own, which leave no trace', async () => {
    const { stdout, layer } = await box.run('hostname; cat /etc/hosts; echo x >> /etc/hosts', {
      hostname: 'builder',
      addHosts: [{ host: 'mirror', ip: '10.0.0.7' }],
    });
    expect([stdout, changesOf(layer)]).toEqual([
      'builder\n127.0.0.1\tlocalhost builder\n::1\tlocalhost ip6-localhost ip6-loopback\n10.0.0.7\tmirror\n',
      [],
    ]);
    const { layer: silent } = await box.run('test -f /etc/hosts && test -f /etc/resolv.conf');
    expect(changesOf(silent)).toEqual([]);
  });
});

describe('mounts', () => {
  let host: string;
  beforeAll(async () => {
    host = await mkdtemp(join(tmpdir(), 'varve-host-'));
    await writeFile(join(host, 'a.txt'), 'A\n');
  });
  afterAll(() => rm(host, { recursive: true, force: true }));

  inSandbox('show a host folder that cannot be written to', async () => {
    const { stdout, layer } = await box.run('cat /ctx/a.txt; touch /ctx/b 2>/dev/null || echo readonly', {
      mounts: [{ type: 'host', target: '/ctx', hostPath: host, readOnly: true }],
    });
    expect([stdout, changesOf(layer)]).toEqual(['A\nreadonly\n', []]);
  });

  inSandbox('throw away what is written to a host folder', async () => {
    const { stdout } = await box.run('echo B > /ctx/a.txt; touch /ctx/b; cat /ctx/a.txt; ls /ctx', {
      mounts: [{ type: 'host', target: '/ctx', hostPath: host, readOnly: false }],
    });
    expect([stdout, await readFile(join(host, 'a.txt'), 'utf8'), await readdir(host)]).toEqual([
      'B\na.txt\nb\n',
      'A\n',
      ['a.txt'],
    ]);
  });

  inSandbox('show a single host file at a path that is not there', async () => {
    const { stdout, layer } = await box.run('cat /one/file.txt', {
      mounts: [{ type: 'host', target: '/one/file.txt', hostPath: join(host, 'a.txt'), readOnly: true }],
    });
    expect([stdout, changesOf(layer)]).toEqual(['A\n', []]);
  });

  inSandbox('show a part of other layers, and throw away what is written there', async () => {
    const other = await putLayer(box.store, [
      folder('data'),
      folder('data/in'),
      file('data/in/f', 'D'),
      link('data/l', 'in/f'),
    ]);
    const mount = { type: 'layers', target: '/m', layers: [other], readOnly: false } as const;
    const whole = await box.run('cat /m/in/f /m/l; echo x > /m/in/f; cat /m/l', {
      mounts: [{ ...mount, source: '/data' }],
    });
    const single = await box.run('cat /m', { mounts: [{ ...mount, readOnly: true, source: 'data/l' }] });
    expect([whole.stdout, changesOf(whole.layer), single.stdout]).toEqual(['DDx\n', [], 'D']);
  });

  inSandbox('gives any user a tmpfs to write to, and leaves the mode of a folder that is there', async () => {
    const mounts = ['/fresh', '/opt'].map((target) => ({
      type: 'tmpfs' as const,
      target,
      sizeBytes: undefined,
    }));
    const { stdout } = await box.run('touch /fresh/x && stat -c "%a %n" /fresh /opt', {
      user: 'ada',
      mounts,
    });
    expect(stdout).toBe('1777 /fresh\n755 /opt\n');
  });

  inSandbox('give memory of a size, which leaves no trace', async () => {
    const { stdout, layer } = await box.run(
      'echo x > /new/deeper/f; dd if=/dev/zero of=/new/deeper/big bs=1k count=2000 2>/dev/null || echo full',
      { mounts: [{ type: 'tmpfs', target: '/new/deeper', sizeBytes: 1024 * 1024 }] },
    );
    expect([stdout, changesOf(layer)]).toEqual(['full\n', []]);
  });

  inSandbox('give a secret to its owner only, and keep it out of the layer and off the disk', async () => {
    const secret = {
      type: 'secret',
      target: '/run/secrets/key',
      content: Buffer.from('s3cret'),
      uid: 1000,
      gid: 1000,
      mode: 0o400,
    } as const;
    const script =
      'cat /run/secrets/key; stat -c "%a %u:%g" /run/secrets/key; grep -c " /run/secrets/key tmpfs" /proc/mounts';
    const { stdout, layer } = await box.run(script, { user: 'ada', mounts: [secret] });
    const other = await box.run('cat /run/secrets/key', { user: '1001', mounts: [secret] });
    expect([stdout, changesOf(layer), other.stdout, other.exitCode]).toEqual([
      's3cret400 1000:1000\n1\n',
      [],
      '',
      1,
    ]);
  });

  inSandbox('may hold a program in memory', async () => {
    const content = Buffer.from('#!/bin/sh\necho ran "$@"\n');
    const { stdout, layer } = await box.run('', {
      args: ['/dev/script', 'well'],
      mounts: [{ type: 'secret', target: '/dev/script', content, uid: 0, gid: 0, mode: 0o755 }],
    });
    expect([stdout, changesOf(layer)]).toEqual(['ran well\n', []]);
  });

  inSandbox('pass an SSH agent through to the user that asked', async () => {
    const socket = join(host, 'agent.sock');
    const agent = createServer((client) => client.end('agent here\n')).listen(socket);
    try {
      const client = 'require("net").connect("/agent").pipe(process.stdout)';
      const { stdout } = await box.run(`stat -c "%a %u:%g" /agent; /node -e '${client}'`, {
        user: 'ada',
        mounts: [
          { type: 'ssh', target: '/agent', hostSocket: socket, uid: 1000, gid: 1000, mode: 0o600 },
          { type: 'host', target: '/node', hostPath: process.execPath, readOnly: true },
          ...['/lib', '/lib64', '/usr'].map((path) => {
            return { type: 'host', target: path, hostPath: path, readOnly: true } as const;
          }),
        ],
      });
      expect(stdout).toBe('600 1000:1000\nagent here\n');
    } finally {
      agent.close();
      await rm(socket, { force: true });
    }
  });

  inSandbox('go where a link of the image leads inside it, never outside', async () => {
    const layer = await putLayer(box.store, [link('escape', host), link('up', '../../../../../..')]);
    const { stdout, layer: changed } = await box.run(`find ${host} /tmp -type f; cat /escape/x /up/y`, {
      layers: [box.base, layer],
      mounts: [
        { type: 'secret', target: '/escape/x', content: Buffer.from('x'), uid: 0, gid: 0, mode: 0o444 },
        { type: 'secret', target: '/up/y', content: Buffer.from('y'), uid: 0, gid: 0, mode: 0o444 },
      ],
    });
    expect([stdout, changesOf(changed)]).toEqual([`${host}/x\n${host}/x\nxy`, []]);
    expect(await readdir(host)).toEqual(['a.txt']);
  });

  inSandbox('cannot put a file in the place of a folder', async () => {
    const secret = {
      type: 'secret',
      target: '/etc',
      content: Buffer.from('x'),
      uid: 0,
      gid: 0,
      mode: 0o444,
    } as const;
    await expect(box.run('true', { mounts: [secret] })).rejects.toMatchObject({ code: 'BUILD_FAILED' });
  });
});

describe('a cache mount', () => {
  const cache = (id: string): Extract<SandboxMount, { type: 'cache' }> => {
    return {
      type: 'cache',
      target: '/cache',
      id,
      name: 'mine',
      sharing: 'shared',
      readOnly: false,
      uid: 0,
      gid: 0,
      mode: 0o755,
      initial: undefined,
    };
  };

  inSandbox('is found again by its id, whatever the id is', async () => {
    const id = '../../../etc/passwd\n';
    const first = await box.run('echo kept > /cache/f', { mounts: [cache(id)] });
    const again = await box.run('cat /there/f', { mounts: [{ ...cache(id), target: '/there' }] });
    const other = await box.run('ls /cache', { mounts: [cache('another')] });
    expect([changesOf(first.layer), again.stdout, other.stdout]).toEqual([[], 'kept\n', '']);
  });

  inSandbox('begins with the owner and mode it is given, or with a copy of layers', async () => {
    const seed = await putLayer(box.store, [
      folder('s'),
      file('s/f', 'seed'),
      hardLink('s/g', 's/f'),
      folder('s/sub', { uid: 3 }),
    ]);
    const owned = await box.run('stat -c "%a %u:%g" /cache', {
      mounts: [{ ...cache('owned'), uid: 1000, gid: 50, mode: 0o2770 }],
    });
    const seeded = await box.run('cat /cache/f; stat -c "%h %u" /cache/g /cache/sub', {
      mounts: [{ ...cache('seeded'), initial: { layers: [seed], source: '/s' } }],
    });
    expect([owned.stdout, seeded.stdout]).toEqual(['2770 1000:50\n', 'seed2 0\n2 3\n']);
  });

  inSandbox('that is locked is used by one command at a time', async () => {
    const mounts = [{ ...cache('locked'), sharing: 'locked' as const }];
    const script =
      'test ! -e /cache/busy || echo both; touch /cache/busy; for i in 1 2 3 4 5 6 7 8 9; do ls /bin > /dev/null; done; rm /cache/busy';
    const said = await Promise.all([1, 2, 3].map(() => box.run(script, { mounts })));
    expect(said.map(({ stdout, stderr }) => stdout + stderr)).toEqual(['', '', '']);
  });

  inSandbox('that is private is another while the first is in use', async () => {
    const mounts = [{ ...cache('private'), sharing: 'private' as const }];
    const inUse = new AbortController();
    const started = new Promise<void>((resolve) => {
      const said = (): void => resolve();
      const holder = box.sandbox.run(
        { ...command('echo here > /cache/f; echo started; sleep 600'), mounts },
        { compression: 'none', signal: inUse.signal, onOutput: said },
      );
      holding = holder.catch(() => undefined);
    });
    await started;
    const meanwhile = await box.run('ls /cache', { mounts });
    inUse.abort();
    await holding;
    const after = await box.run('cat /cache/f', { mounts });
    expect([meanwhile.stdout, after.stdout]).toEqual(['', 'here\n']);
  });
  let holding: Promise<unknown>;

  inSandbox('is listed with its name, size and last use, and removed unless it is in use', async () => {
    const own = await openTestSandbox();
    try {
      await own.run('dd if=/dev/zero of=/cache/f bs=1k count=300 2>/dev/null', { mounts: [cache('a')] });
      const before = Date.now();
      await own.run('true', { mounts: [{ ...cache('b\n0:0'), name: 'b' }] });
      const listed = await own.sandbox.cacheMounts();
      expect(listed.map(({ name, inUse, bytes }) => [name, inUse, bytes > 300 * 1024])).toEqual([
        ['b', false, false],
        ['mine', false, true],
      ]);
      expect(listed[0]?.lastUsedMs).toBeGreaterThan(before - 2000);
      const stop = new AbortController();
      const running = new Promise<void>((started) => {
        holding = own.sandbox
          .run(
            { ...command('echo started; sleep 600'), layers: [own.base], mounts: [cache('a')] },
            { compression: 'none', signal: stop.signal, onOutput: () => started() },
          )
          .catch(() => undefined);
      });
      await running;
      const used = (await own.sandbox.cacheMounts())[0];
      expect([used?.inUse, await own.sandbox.removeCacheMount(used?.id ?? '')]).toEqual([true, 0]);
      stop.abort();
      await holding;
      expect(await own.sandbox.removeCacheMount(used?.id ?? '')).toBeGreaterThan(300 * 1024);
      expect((await own.sandbox.cacheMounts()).map(({ name }) => name)).toEqual(['b']);
      expect(await own.sandbox.removeCacheMount('../..')).toBe(0);
    } finally {
      await own.close();
    }
  });
});

describe('when the engine is killed', () => {
  inSandbox('nothing of its commands lives on', async () => {
    const mark = `8${Math.floor(Math.random() * 1e8)}`;
    const folderOfEngine = await mkdtemp(join(tmpdir(), 'varve-killed-'));
    try {
      const engine = spawn(
        process.execPath,
        [join(import.meta.dirname, 'sleeping-engine.ts'), folderOfEngine, mark],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      await once(engine.stdout, 'data');
      const before = await processesWith(mark);
      engine.kill('SIGKILL');
      await once(engine, 'exit');
      await expect.poll(() => processesWith(mark), { timeout: 5000 }).toEqual([]);
      expect(before.length).toBeGreaterThan(0);
    } finally {
      await rm(folderOfEngine, { recursive: true, force: true });
    }
  });
});

describe('cancelling', () => {
  inSandbox('ends every process of the command and leaves nothing', async () => {
    const mark = `9${Math.floor(Math.random() * 1e8)}`;
    const controller = new AbortController();
    const script = `(sleep ${mark} &) ; setsid sleep ${mark} & echo started; trap "" TERM INT; sleep ${mark}`;
    const running = box.sandbox.run(command(script), {
      compression: 'none',
      signal: controller.signal,
      onOutput: () => controller.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([await processesWith(mark), await runFolders()]).toEqual([[], []]);
  });

  inSandbox('ends the unpacking of a layer and leaves nothing of it', async () => {
    const own = await openTestSandbox();
    try {
      const content = Buffer.alloc(96 * 1024 * 1024, 'what takes a while to be written');
      const large = await putLayer(own.store, [file('large', content), file('larger', content)]);
      const controller = new AbortController();
      const halfUnpacked = async (): Promise<readonly string[]> =>
        (await readdir(own.store.snapshotsFolder, { recursive: true })).filter((path) =>
          /^\.engine-[^/]+\/unpacking-[^/]+$/.test(path),
        );
      await own.run('true');
      const running = own.run('true', { layers: [own.base, large] }, controller.signal);
      running.catch(() => undefined);
      await expect.poll(halfUnpacked, { interval: 1 }).toHaveLength(1);
      controller.abort();
      await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(await halfUnpacked()).toEqual([]);
    } finally {
      await own.close();
    }
  });

  inSandbox('does nothing at all when it comes first', async () => {
    await expect(box.run('true', {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await runFolders()).toEqual([]);
  });
});

describe('the snapshots', () => {
  inSandbox('take no mount of the host and no folder after a command', async () => {
    await box.run('true');
    expect((await readFile('/proc/self/mountinfo', 'utf8')).includes(box.store.root)).toBe(false);
    expect(await runFolders()).toEqual([]);
  });

  inSandbox('are measured, pruned and unpacked again', async () => {
    const own = await openTestSandbox();
    try {
      await own.run('touch /cache/f', {
        mounts: [
          {
            type: 'cache',
            target: '/cache',
            id: 'c',
            name: 'c',
            sharing: 'shared',
            readOnly: false,
            uid: 5,
            gid: 5,
            mode: 0o700,
            initial: undefined,
          },
        ],
      });
      const before = await own.sandbox.diskUsage();
      const planned = await own.sandbox.prune({ cacheMounts: false, dryRun: true });
      const freed = await own.sandbox.prune({ cacheMounts: false, dryRun: false });
      const freedCaches = await own.sandbox.prune({ cacheMounts: true, dryRun: false });
      expect(planned).toEqual(freed);
      expect([before.snapshotBytes >= freed.bytes, freed.bytes > 1_000_000, freedCaches.bytes > 0]).toEqual([
        true,
        true,
        true,
      ]);
      expect((await own.run('cat /opt/one')).stdout).toBe('1\n');
    } finally {
      await own.close();
    }
  });
});

/** Folders of commands that are still there. */
async function runFolders(): Promise<readonly string[]> {
  const names = await readdir(box.store.snapshotsFolder, { recursive: false });
  const engines = names.filter((name) => name.startsWith('.engine-'));
  const inside = await Promise.all(engines.map((name) => readdir(join(box.store.snapshotsFolder, name))));
  return inside.flat().filter((name) => name.startsWith('run-'));
}

function command(script: string): SandboxCommand {
  return {
    layers: [box.base],
    args: ['/bin/sh', '-c', script],
    env: ['PATH=/bin'],
    secretEnv: [],
    cwd: '/',
    user: '',
    mounts: [],
    network: 'host',
    hostname: 'sandbox',
    addHosts: [],
  };
}
