import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../fixtures/fault-proxy.ts';
import { hasRegistryServer, startRegistryServer, type RegistryServer } from '../fixtures/registry-server.ts';
import { runVarve, startVarve } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const workshop = useWorkshop();
const LARGE = 4 * 1024 * 1024;
const STALLED_AT = 1024 * 1024;

describe.skipIf(!(await hasRegistryServer()))('a base that is pulled when the build ends', () => {
  let registry: RegistryServer;
  let proxy: FaultProxy;
  let context: string;
  let base: string;

  beforeAll(async () => {
    registry = await startRegistryServer(workshop.folder);
    proxy = await startFaultProxy(registry.host);
    const large = await workshop.write('large', { Dockerfile: 'FROM scratch\nCOPY data /\n' });
    await writeFile(join(large, 'data'), randomBytes(LARGE));
    await workshop.out(['build', '-q', '-t', 'large', large]);
    await workshop.out(['push', '-q', 'large', `${registry.host}/large:1`]);
    base = `${proxy.host}/large:1`;
    context = await workshop.write('on', { Dockerfile: `FROM ${base}\nCOPY f /\n`, f: 'f' });
  });
  afterAll(async () => {
    await proxy.close();
    await registry.close();
  });

  /** The layer stops coming in the middle. */
  function stall(): void {
    proxy.requests.splice(0);
    proxy.spoil(({ kind, method }) => {
      return kind === 'blob' && method === 'GET' ? { stallAfter: STALLED_AT } : undefined;
    });
  }

  /** Starts a build, and gives its process once so much of the base is here. */
  async function buildUntilStalled(root: string) {
    stall();
    const child = startVarve(root, ['build', '--progress', 'json', '-t', 'mine', context]);
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdout.resume();
    for await (const line of createInterface(child.stderr)) {
      const { what, bytes = 0 } = JSON.parse(line) as { what?: string; bytes?: number };
      if (what === 'pulling' && bytes >= STALLED_AT) break;
    }
    return child;
  }

  async function buildsOn(root: string): Promise<readonly (string | undefined)[]> {
    proxy.spoil(() => undefined);
    proxy.requests.splice(0);
    const { status, stderr } = await runVarve(root, ['build', '-t', 'mine', context]);
    if (status !== 0) throw new Error(stderr);
    expect((await runVarve(root, ['verify'])).status).toBe(0);
    return proxy.requests.flatMap(({ kind, range }) => (kind === 'blob' ? [range] : []));
  }

  function leases(root: string): unknown {
    const database = new Database(join(root, 'leases.db'), { readonly: true });
    try {
      return database.prepare('SELECT count(*) AS count FROM leases').get();
    } finally {
      database.close();
    }
  }

  test('by kill -9 is gone on with at the byte by the next build, and the store is clean', async () => {
    const root = join(workshop.folder, 'killed');
    const child = await buildUntilStalled(root);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await buildsOn(root)).toContainEqual(expect.stringMatching(/^bytes=[1-9]\d*-$/));
    expect((await runVarve(root, ['ls', 'mine'])).stdout).toBe('data\nf\n');
  });

  test('by Ctrl+C leaves no image, no tag and no lease, and is gone on with too', async () => {
    const root = join(workshop.folder, 'stopped');
    const child = await buildUntilStalled(root);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(leases(root)).toEqual({ count: 0 });
    expect((await runVarve(root, ['images', '-a', '-q'])).stdout).toBe('');
    const [build] = (await runVarve(root, ['builds', 'inspect', '--format', '{{.Status}}'])).stdout.split(
      '\n',
    );
    expect(build).toBe('canceled');
    expect(await buildsOn(root)).toContainEqual(expect.stringMatching(/^bytes=[1-9]\d*-$/));
  });

  test('and a pull that is stopped by Ctrl+C leaves no tag either', async () => {
    const root = join(workshop.folder, 'pulled');
    stall();
    const child = startVarve(root, ['pull', '-q', base]);
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stderr.resume();
    await vi.waitFor(() => expect(proxy.requests.some(({ kind }) => kind === 'blob')).toBe(true), 20_000);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(leases(root)).toEqual({ count: 0 });
    expect((await runVarve(root, ['images', '-a', '-q'])).stdout).toBe('');
  });
});
