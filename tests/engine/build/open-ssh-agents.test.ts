import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSshAgents } from '../../../src-main/engine/build/open-ssh-agents.ts';
import { hasTool } from '../../../src-main/engine/sandbox/has-tool.ts';
import { tempFolder } from '../support/temp-store.ts';

const hasAgent = await hasTool('ssh-agent');

async function writeKey(folder: string, name: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const path = join(folder, name);
  await writeFile(path, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  return path;
}

/** How many keys an agent says that it has: SSH_AGENTC_REQUEST_IDENTITIES and its answer. */
async function countKeys(socket: string): Promise<number> {
  const connection = connect(socket);
  connection.write(Buffer.from([0, 0, 0, 1, 11]));
  const [answer] = (await once(connection, 'data')) as [Buffer];
  connection.destroy();
  expect(answer[4]).toBe(12);
  return answer.readUInt32BE(5);
}

test.skipIf(!hasAgent)('keys are in an agent of their own, which ends with the build', async () => {
  const folder = await tempFolder();
  const paths = [await writeKey(folder, 'one'), await writeKey(folder, 'two')];
  const { ssh, ...agents } = await openSshAgents([{ id: 'default', paths }]);
  const socket = ssh[0]?.paths[0] ?? '';
  expect([ssh.length, await countKeys(socket)]).toEqual([1, 2]);
  await agents[Symbol.asyncDispose]();
  await expect(stat(socket)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('an agent’s socket is given on as it is', async () => {
  const socket = join(await tempFolder(), 'agent.sock');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  await using agents = await openSshAgents([
    { id: 'default', paths: [socket] },
    { id: 'own', paths: [] },
  ]);
  expect(agents.ssh).toEqual([
    { id: 'default', paths: [socket] },
    { id: 'own', paths: [] },
  ]);
  await expect(openSshAgents([{ id: 'x', paths: [socket, import.meta.filename] }])).rejects.toMatchObject({
    message: '--ssh x: an agent’s socket stands alone',
  });
});

test('what is not there, or no key, is refused with its name', async () => {
  await expect(openSshAgents([{ id: 'x', paths: ['/nowhere/key'] }])).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: '--ssh x: there is no /nowhere/key',
  });
  if (!hasAgent) return;
  const error = openSshAgents([{ id: 'x', paths: [import.meta.filename] }]);
  await expect(error).rejects.toThrow(`--ssh x: ${import.meta.filename} cannot be used: `);
});
