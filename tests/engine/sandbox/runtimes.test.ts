import { expect, test } from 'vitest';
import { RUNTIMES } from '../../../src-main/engine/sandbox/runtime.ts';
import { openTestSandbox } from './open-test-sandbox.ts';

/** All that a command can see of its sandbox, each part under a heading. */
const LOOK = `
show() { echo "== $1"; shift; "$@" 2>&1; }
show status grep -E "^(Cap|NoNewPrivs|Seccomp:|Groups|Umask|Uid|Gid)" /proc/self/status
show limits cat /proc/self/limits
show cgroup cat /proc/self/cgroup
show environment env
show hostname hostname
show devices find /dev -exec stat -c "%n %F %a %u:%g %t:%T" {} ;
show masked sh -c "cat /proc/kcore /proc/keys /proc/timer_list | wc -c; ls /proc/acpi /proc/scsi /sys/firmware"
show readonly sh -c "for each in /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/sys/kernel/core_pattern; do echo x > \\$each || true; done; touch /sys/x /proc/irq/x"
show links readlink /dev/fd /dev/stdin /dev/stdout /dev/ptmx
show mounts cat /proc/self/mountinfo
`;

/**
 * Where each mount is, of what type and how; the order is the runtime's own, and how a part of /proc is hidden, which
 * is looked at by trying.
 */
function plainMounts(text: string): readonly string[] {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => {
      const [own = '', file = ''] = line.split(' - ');
      const [, , , , point, options = ''] = own.split(' ');
      const kept = options.split(',').filter((each) => !['relatime', 'nosuid', 'noexec'].includes(each));
      const how = (point ?? '').startsWith('/proc/') ? '' : ` ${kept.join(',')}`;
      return `${point} ${file.split(' ')[0]}${how}`;
    });
  return [...new Set(lines)].sort();
}

async function look(name: string): Promise<Record<string, unknown> | undefined> {
  const box = await openTestSandbox(RUNTIMES.filter((runtime) => runtime.name === name));
  try {
    if (!(await box.sandbox.probe()).available) return undefined;
    const { stdout } = await box.run(LOOK);
    const parts = stdout
      .split(/^== /m)
      .slice(1)
      .map((part): [string, string] => {
        const at = part.indexOf('\n');
        return [part.slice(0, at), part.slice(at + 1)];
      });
    const seen = Object.fromEntries(parts);
    return { ...seen, mounts: plainMounts(seen['mounts'] ?? '') };
  } finally {
    await box.close();
  }
}

test('a command sees the same sandbox whichever runtime makes it', async (context) => {
  const [crun, runc] = [await look('crun'), await look('runc')];
  if (crun === undefined || runc === undefined) return context.skip('needs both crun and runc');
  expect(crun).toEqual(runc);
});

test('no device can be opened on anything that a command can write to, whichever runtime makes the sandbox', async (context) => {
  for (const { name } of RUNTIMES) {
    const mounts = (await look(name))?.['mounts'] as readonly string[] | undefined;
    if (mounts === undefined) context.skip(`needs ${name}`);
    const writable = (mounts ?? []).filter((line) => / (?:overlay|tmpfs) rw/.test(line));
    expect(writable.filter((line) => !line.includes('nodev'))).toEqual([]);
    expect(writable.length).toBeGreaterThan(2);
  }
});
