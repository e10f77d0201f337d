import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { livenessOf, ownProcessIdentity } from '../../../src-main/engine/store/process-identity.ts';

const isLinux = process.platform === 'linux';
const [pid = '', start = '', namespace = '', boot = ''] = ownProcessIdentity().split('-');

test('this process is alive', () => {
  expect(pid).toBe(String(process.pid));
  expect(livenessOf(ownProcessIdentity())).toBe('alive');
});

test.runIf(isLinux)('another with the same number is not the same process', () => {
  expect(livenessOf([pid, `${start}0`, namespace, boot].join('-'))).toBe('dead');
  expect(livenessOf([pid, start, namespace, 'anotherboot'].join('-'))).toBe('dead');
});

test.runIf(isLinux)('of a process in another PID namespace nothing can be told', () => {
  expect(livenessOf([pid, start, '1', boot].join('-'))).toBe('unknown');
});

test.runIf(isLinux)('a process that ended is dead', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const { readFileSync } = await import('node:fs');
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const identity = [child.pid, ticks, namespace, boot].join('-');
  expect(livenessOf(identity)).toBe('alive');
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(livenessOf(identity)).toBe('dead');
});

test('a malformed identity is dead', () => {
  expect(livenessOf('nonsense')).toBe('dead');
});
