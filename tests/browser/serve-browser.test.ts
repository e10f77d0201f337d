import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { serveBrowser } from '../../src-main/browser/serve-browser.ts';
import type { BrowserServer } from '../../src-main/browser/serve-browser.ts';
import { browserContract } from '../../src-main/contract/host-api.ts';
import { connectApi } from '../../src-main/rpc/connect-api.ts';
import { socketPort } from '../../src-main/rpc/socket-port.ts';
import { asConnection, openSocket, silent } from '../contract/support/hosts.ts';
import { createScriptedEngine } from '../contract/support/scripted-engine.ts';

let work: string;
let server: BrowserServer;
let address: URL;

beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'varve-browser-'));
  const pageFolder = join(work, 'page');
  await mkdir(join(pageFolder, 'assets'), { recursive: true });
  await writeFile(join(pageFolder, 'index.html'), '<title>Varve</title>');
  await writeFile(join(pageFolder, 'assets', 'main.js'), 'export {};');
  await writeFile(join(work, 'secret.html'), 'secret');
  const engine = asConnection(createScriptedEngine());
  server = await serveBrowser({ engine: () => engine, pageFolder, log: silent });
  address = new URL(server.url);
});
afterEach(async () => {
  await server.close();
  await rm(work, { recursive: true, force: true });
});

describe('the page’s server', () => {
  test('listens on loopback and gives its token only in the fragment', () => {
    expect(address.hostname).toBe('127.0.0.1');
    expect(address.hash.length).toBeGreaterThan(40);
    expect(address.search).toBe('');
  });

  test('serves the page with its policy', async () => {
    const { status, headers, body } = await get('/');
    expect({ status, body }).toEqual({ status: 200, body: '<title>Varve</title>' });
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).toContain("require-trusted-types-for 'script'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect((await get('/assets/main.js')).headers['content-type']).toMatch(/^text\/javascript/);
  });

  test('serves nothing outside the page’s folder', async () => {
    const paths = [
      '/../secret.html',
      '/%2e%2e/secret.html',
      '/..%2fsecret.html',
      '/nothing.js',
      '//etc/passwd',
      '//',
    ];
    const statuses = await Promise.all(paths.map(async (path) => (await get(path)).status));
    expect(new Set(statuses)).toEqual(new Set([404]));
  });

  test('refuses another host’s name, as after DNS rebinding', async () => {
    expect((await get('/', { host: 'evil.example' })).status).toBe(403);
    expect((await get('/', { host: `evil.example:${address.port}` })).status).toBe(403);
  });

  test('answers no other method than GET and HEAD', async () => {
    expect((await get('/', {}, 'POST')).status).toBe(405);
    expect((await get('/', {}, 'HEAD')).status).toBe(200);
  });
});

describe('the engine’s socket', () => {
  const token = (): string => address.hash.slice(1);

  test('opens for our page with the token', async () => {
    const socket = await openSocket(server.url);
    expect(socket.protocol).toBe('varve');
    socket.close();
  });

  test('refuses a wrong or missing token', async () => {
    expect(await refusal({ protocols: ['varve', 'x'.repeat(token().length)] })).toBe(403);
    expect(await refusal({ protocols: ['varve'] })).toBe(403);
    expect(await refusal({ protocols: [token()] })).toBe(403);
  });

  test('refuses another site’s page even with the token', async () => {
    expect(await refusal({ origin: 'https://evil.example' })).toBe(403);
    expect(await refusal({ origin: 'null' })).toBe(403);
    expect(await refusal({ origin: undefined })).toBe(403);
    expect(await refusal({ host: 'evil.example' })).toBe(403);
  });

  test('refuses another path', async () => {
    expect(await refusal({ path: '/other' })).toBe(403);
  });

  test('is closed by what is no JSON text', async () => {
    const socket = await openSocket(server.url);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.send('{');
    await closed;
  });

  test('lists folders for the page’s chooser', async () => {
    const top = join(work, 'projects');
    await mkdir(join(top, 'b'), { recursive: true });
    await mkdir(join(top, 'a'));
    await mkdir(join(top, '.hidden'));
    await writeFile(join(top, 'file.tar'), '');
    await symlink(join(top, 'nowhere'), join(top, 'broken'));
    const connection = connectApi(browserContract, socketPort(await openSocket(server.url)));
    const { listFolder } = connection.api.host;
    const folder = (name: string): object => ({ name, path: join(top, name), kind: 'folder' });
    expect(await listFolder({ path: top })).toEqual({
      path: top,
      parent: work,
      entries: [folder('a'), folder('b')],
    });
    expect((await listFolder({ path: top, files: true })).entries.at(-1)).toEqual({
      name: 'file.tar',
      path: join(top, 'file.tar'),
      kind: 'file',
    });
    expect((await listFolder({ path: '/' })).parent).toBeUndefined();
    await expect(listFolder({ path: join(top, 'file.tar') })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(listFolder({ path: join(top, 'gone') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    connection.close();
  });

  interface Attempt {
    readonly protocols?: string[];
    readonly origin?: string | undefined;
    readonly host?: string;
    readonly path?: string;
  }

  /** The status that a socket opened in this way is refused with. */
  function refusal(attempt: Attempt): Promise<number | undefined> {
    const { protocols = ['varve', token()], path = '/engine', host = address.host } = attempt;
    const origin = 'origin' in attempt ? attempt.origin : address.origin;
    const options = { headers: { host }, ...(origin !== undefined && { origin }) };
    const socket = new WebSocket(`ws://${address.host}${path}`, protocols, options);
    return new Promise((resolve, reject) => {
      socket.on('open', () => reject(new Error('the socket was opened')));
      socket.on('unexpected-response', (sent, response) => {
        resolve(response.statusCode);
        sent.destroy();
      });
      socket.on('error', () => undefined);
    });
  }
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A request with exactly this path, which fetch would normalise. */
function get(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: address.port, path, headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on('error', reject).end();
  });
}
