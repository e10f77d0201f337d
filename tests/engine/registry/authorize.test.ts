import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../src-main/engine/log.ts';
import { createAuthorizer, type Login } from '../../../src-main/engine/registry/login/authorize.ts';
import { openCredentials } from '../../../src-main/engine/registry/credentials/credentials.ts';
import type { Endpoint } from '../../../src-main/engine/registry/config/endpoints.ts';
import { openRegistries, type Registries } from '../../../src-main/engine/registry/open-registries.ts';
import { readRegistriesConfig } from '../../../src-main/engine/registry/config/registries-config.ts';
import { createTransport } from '../../../src-main/engine/registry/http/transport.ts';
import { makeCertificates } from '../../fixtures/certificates.ts';
import { tempFolder } from '../support/temp-store.ts';
import { scriptServer, type Answer, type RequestSeen } from './scripted-server.ts';

const PULL = { repository: 'app', actions: ['pull'] } as const;
const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;
const unauthorized = (...challenges: readonly string[]): Answer => ({
  status: 401,
  headers: { 'www-authenticate': challenges },
});

function openTransport() {
  const transport = createTransport({ env: {} });
  onTestFinished(() => transport.close());
  return transport;
}

/** Registries of someone with logins (`name:password` by host) and a registries.json. */
async function openWith(
  logins: Readonly<Record<string, string>>,
  registries: object = {},
): Promise<Registries> {
  const root = await tempFolder();
  await mkdir(root, { recursive: true });
  const auths = Object.entries(logins).map(([host, login]) => [
    host,
    { auth: Buffer.from(login).toString('base64') },
  ]);
  await writeFile(join(root, 'auth.json'), JSON.stringify({ auths: Object.fromEntries(auths) as object }));
  await writeFile(join(root, 'registries.json'), JSON.stringify({ registries, transfers: { attempts: 1 } }));
  const surroundings = { env: {}, platform: 'linux', home: root, uid: 1000 } as const;
  const credentials = openCredentials({ root, surroundings, log: silentLog });
  return openRegistries({ root, transport: openTransport(), env: { HOME: root }, credentials });
}

async function statusOf(registries: Registries, registry: string, path = 'app/manifests/1'): Promise<number> {
  const session = (await registries.sessions(registry))[0];
  const response = await session?.send({ method: 'GET', path, scope: PULL });
  await response?.discard();
  return response?.status ?? 0;
}

/** A registry with a token server of its own: it takes the token that `good` names at the moment. */
async function tokenRegistry(): Promise<{
  readonly host: string;
  readonly tokensAsked: () => number;
  take(token: string): void;
}> {
  let good = 'token-1';
  let asked = 0;
  const server = await scriptServer(({ path, authorization }): Answer => {
    if (path.startsWith('/token')) {
      asked += 1;
      return { status: 200, body: { token: `token-${asked}`, expires_in: 300 } };
    }
    if (authorization === `Bearer ${good}` || path === '/v2/') return { status: 200 };
    return unauthorized(`Bearer realm="${server.origin}/token",service="s",scope="repository:app:pull"`);
  });
  return { host: server.host, tokensAsked: () => asked, take: (token) => (good = token) };
}

describe('a token', () => {
  test('that is refused in the middle is renewed once, and the request goes on', async () => {
    const { host, tokensAsked, take } = await tokenRegistry();
    const registries = await openWith({});
    const statuses = [await statusOf(registries, host), await statusOf(registries, host)];
    take('token-2');
    statuses.push(await statusOf(registries, host));
    expect([statuses, tokensAsked()]).toEqual([[200, 200, 200], 2]);
    take('none');
    await expect(statusOf(registries, host)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(tokensAsked()).toBe(3);
  });

  test('is asked for once by requests that need it together', async () => {
    const { host, tokensAsked } = await tokenRegistry();
    const registries = await openWith({});
    const statuses = await Promise.all(Array.from({ length: 8 }, () => statusOf(registries, host)));
    expect([new Set(statuses), tokensAsked()]).toEqual([new Set([200]), 1]);
  });

  test('counts for its repository and actions only, and is renewed before it runs out', async () => {
    let clock = 0;
    const server = await scriptServer(({ path }) => {
      const issued_at = new Date(Date.now() - 20_000).toUTCString();
      return { status: 200, body: { access_token: `${path.length}-${clock}`, expires_in: 100, issued_at } };
    });
    const { authorizer, endpoint } = await authorizerAt(server.origin, undefined, () => clock);
    const challenges = [`Bearer realm="${server.origin}/token"`];
    expect(await authorizer.answer(endpoint, PULL, { challenges, sent: undefined })).toBe(true);
    const first = await authorizer.authorizationFor(endpoint, PULL);
    expect(first).toMatch(/^Bearer \d+-0$/);
    expect(
      await Promise.all([
        authorizer.authorizationFor(endpoint, { repository: 'other', actions: ['pull'] }),
        authorizer.authorizationFor(endpoint, { repository: 'app', actions: ['pull', 'push'] }),
        authorizer.authorizationFor({ ...endpoint, origin: 'https://127.0.0.1' }, PULL),
      ]),
    ).toEqual([undefined, undefined, undefined]);
    // Twenty of its hundred seconds were gone when it came, and it is not used to its last one.
    clock = 70_000;
    expect(await authorizer.authorizationFor(endpoint, PULL)).toBe(first);
    clock = 73_000;
    expect(await authorizer.authorizationFor(endpoint, PULL)).toMatch(/^Bearer \d+-73000$/);
    authorizer.forget(server.host);
    expect(await authorizer.authorizationFor(endpoint, PULL)).toBeUndefined();
  });

  test.each([
    [
      'what the registry asks for in the same repository',
      'repository:app:pull,push',
      ['repository:app:pull,push'],
    ],
    [
      'nothing that it asks for elsewhere',
      'repository:other:push registry:catalog:*',
      ['repository:app:pull'],
    ],
    ['the longer name of a mirror', 'repository:hub/app:pull', ['repository:hub/app:pull']],
    ['no name that only ends alike', 'repository:myapp:push', ['repository:app:pull']],
    ['what is needed where it says nothing', undefined, ['repository:app:pull']],
  ])('is asked for %s', async (_, scope, scopes) => {
    const server = await scriptServer(() => ({ status: 200, body: { token: 't' } }));
    const { authorizer, endpoint } = await authorizerAt(server.origin);
    const asks = scope === undefined ? '' : `,scope="${scope}",error="insufficient_scope"`;
    const challenges = [`Bearer realm="${server.origin}/token?kept=1",service="a b"${asks}`];
    await authorizer.answer(endpoint, PULL, { challenges, sent: undefined });
    const { searchParams } = new URL(server.seen[0]?.path ?? '', server.origin);
    expect([...searchParams]).toEqual([
      ['kept', '1'],
      ['service', 'a b'],
      ...scopes.map((each) => ['scope', each]),
    ]);
  });
});

const PASSWORD: Login = { kind: 'password', username: 'me', secret: 'pw' };
const IDENTITY: Login = { kind: 'identity-token', username: 'me', secret: 'refresh' };

describe('a token server', () => {
  const form = (fields: string) => `client_id=varve&service=s&scope=repository%3Aapp%3Apull&${fields}`;
  test.each<[string, Login, string[], [string, string | undefined, string][]]>([
    ['gets a password by GET', PASSWORD, ['GET', 'POST'], [['GET', basic('me:pw'), '']]],
    [
      'gets an identity token by POST',
      IDENTITY,
      ['GET', 'POST'],
      [['POST', undefined, form('grant_type=refresh_token&refresh_token=refresh')]],
    ],
    [
      'without GET gets a password by POST',
      PASSWORD,
      ['POST'],
      [
        ['GET', basic('me:pw'), ''],
        ['POST', undefined, form('grant_type=password&username=me&password=pw')],
      ],
    ],
    [
      'without POST gets an identity token by GET',
      IDENTITY,
      ['GET'],
      [
        ['POST', undefined, form('grant_type=refresh_token&refresh_token=refresh')],
        ['GET', basic('me:refresh'), ''],
      ],
    ],
  ])('%s', async (_, login, methods, expected) => {
    const server = await scriptServer(({ method }) =>
      methods.includes(method) ? { status: 200, body: { token: 't' } } : { status: 405 },
    );
    const { authorizer, endpoint } = await authorizerAt(server.origin, login);
    const challenges = [`Bearer realm="${server.origin}/token",service=s`];
    expect(await authorizer.answer(endpoint, PULL, { challenges, sent: undefined })).toBe(true);
    expect(server.seen.map(({ method, authorization, body }) => [method, authorization, body])).toEqual(
      expected,
    );
  });

  test.each([
    ['https://registry.example', 'http://tokens.example/t'],
    ['https://registry.example', 'http://registry.example/t'],
    ['http://registry.example', 'http://registry.example/t'],
    ['https://registry.example', 'http://127.0.0.1:9/t'],
    ['http://127.0.0.1:5000', 'http://tokens.example/t'],
    ['https://registry.example', 'https://me:pw@tokens.example/t'],
    ['https://registry.example', 'file:///etc/passwd'],
  ])('of %s at %s is asked nothing', async (origin, realm) => {
    const { authorizer, endpoint } = await authorizerAt(origin, PASSWORD);
    const challenges = [`Bearer realm="${realm}"`];
    await expect(authorizer.answer(endpoint, PULL, { challenges, sent: undefined })).rejects.toMatchObject({
      code: 'REGISTRY',
      message: expect.stringContaining('which is not https') as string,
      hint: 'Nothing was sent there: whoever listens could read the password.',
    });
  });

  test('elsewhere is trusted by the registry’s authority, and is shown no certificate that is for the registry', async () => {
    const { authority, server: tls, client } = await makeCertificates(await tempFolder());
    const tokens = await scriptServer(() => ({ status: 200, body: { token: 't' } }), '127.0.0.1', tls);
    const registry = await scriptServer(
      ({ authorization }) =>
        authorization === 'Bearer t'
          ? { status: 200 }
          : unauthorized(`Bearer realm="${tokens.origin}/token"`),
      '127.0.0.1',
      tls,
    );
    const trust = { ca: authority, clientCertificate: client.certificate, clientKey: client.key };
    const registries = await openWith({ [registry.host]: 'me:pw' }, { [registry.host]: trust });
    expect(await statusOf(registries, registry.host)).toBe(200);
    expect([tokens, registry].map(({ seen }) => new Set(seen.map(({ isCertified }) => isCertified)))).toEqual(
      [new Set([false]), new Set([true])],
    );
    expect(tokens.seen[0]?.authorization).toBe(basic('me:pw'));
  });

  test.each([
    [200, { token: 'two words' }, 'no token'],
    [200, {}, 'no token'],
    [500, {}, '500'],
    [302, {}, '302'],
  ])('that answers %i %j is told of without what it said', async (status, body, told) => {
    const server = await scriptServer(() => ({ status, body, headers: { location: '/elsewhere' } }));
    const { authorizer, endpoint } = await authorizerAt(server.origin, PASSWORD);
    const challenges = [`Bearer realm="${server.origin}/token"`];
    await expect(authorizer.answer(endpoint, PULL, { challenges, sent: undefined })).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `${server.host} answered ${told} when asked for a token for registry.test`,
    });
  });

  test('that refuses the login is told of with whose it is', async () => {
    const server = await scriptServer(() => ({ status: 401 }));
    const { authorizer, endpoint } = await authorizerAt(server.origin, {
      ...PASSWORD,
      from: { kind: 'file', place: '/home/me/.docker/config.json' },
    });
    const challenges = [`Bearer realm="${server.origin}/token"`];
    await expect(authorizer.answer(endpoint, PULL, { challenges, sent: undefined })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: `${server.host} does not accept the login of me from /home/me/.docker/config.json`,
      hint: `Log in again with: varve login ${server.host}`,
    });
  });
});

describe('a login', () => {
  const asksBasic = ({ authorization }: RequestSeen): Answer =>
    authorization === undefined ? unauthorized('Basic realm="r"') : { status: 200 };

  test('goes to its registry when that asks, and is sent at once from then on', async () => {
    const server = await scriptServer(asksBasic);
    const registries = await openWith({ [server.host]: 'me:pw' });
    await statusOf(registries, server.host);
    await statusOf(registries, server.host);
    const asked = server.seen.filter(({ path }) => path !== '/v2/');
    expect(asked.map(({ authorization }) => authorization)).toEqual([
      undefined,
      basic('me:pw'),
      basic('me:pw'),
    ]);
  });

  test('never follows a redirect to another host, nor answers what that asks for', async () => {
    const thief = await scriptServer(() => ({ status: 200, body: { token: 't' } }), '127.0.0.3');
    const other = await scriptServer(
      ({ path }) =>
        path === '/back'
          ? { status: 307, headers: { location: `${server.origin}/v2/app/blobs/secret` } }
          : unauthorized(`Basic realm="r"`, `Bearer realm="${thief.origin}/token"`),
      '127.0.0.2',
    );
    const server = await scriptServer((request): Answer => {
      const to = /^\/v2\/app\/blobs\/(away|back)$/.exec(request.path)?.[1];
      if (to === undefined || request.authorization === undefined) return asksBasic(request);
      return { status: 307, headers: { location: `${other.origin}/${to}` } };
    });
    const registries = await openWith({ [server.host]: 'me:pw', [other.host]: 'you:pw' });
    const statuses = [
      await statusOf(registries, server.host, 'app/blobs/away'),
      // Now the login is sent at once, and the refusal of the other host is the first one.
      await statusOf(registries, server.host, 'app/blobs/away'),
      await statusOf(registries, server.host, 'app/blobs/back'),
    ];
    expect([statuses, other.seen.map(({ authorization }) => authorization), thief.seen]).toEqual([
      [401, 401, 401],
      [undefined, undefined, undefined],
      [],
    ]);
    const last = server.seen.at(-1);
    expect([last?.path, last?.authorization]).toEqual(['/v2/app/blobs/secret', undefined]);
  });

  test('never goes to a mirror, which gets what belongs to its own host', async () => {
    const mirror = await scriptServer(asksBasic, '127.0.0.2');
    const mirrors = { 'docker.io': { mirrors: [mirror.origin] } };
    const without = await openWith({ 'docker.io': 'me:pw' }, mirrors);
    await expect(statusOf(without, 'docker.io')).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: `${mirror.host} (a mirror of docker.io) asks for a login for app`,
      hint: `Log in with: varve login ${mirror.host}\nOr there is no such repository.`,
    });
    expect(new Set(mirror.seen.map(({ authorization }) => authorization))).toEqual(new Set([undefined]));
    const own = await openWith({ 'docker.io': 'me:pw', [mirror.host]: 'you:pw' }, mirrors);
    expect(await statusOf(own, 'docker.io')).toBe(200);
    expect(mirror.seen.at(-1)?.authorization).toBe(basic('you:pw'));
  });

  test('that the registry refuses is looked for again, since it may have changed, and then told', async () => {
    const server = await scriptServer(() => unauthorized('Basic realm="r"'));
    const registries = await openWith({ [server.host]: 'me:wrong' });
    const refused = {
      code: 'UNAUTHORIZED',
      message: expect.stringContaining(`${server.host} does not accept the login of me from`) as string,
    };
    await expect(statusOf(registries, server.host)).rejects.toMatchObject(refused);
    await expect(statusOf(registries, server.host)).rejects.toMatchObject(refused);
    const asked = server.seen.filter(({ path }) => path !== '/v2/');
    expect(asked.map(({ authorization }) => authorization)).toEqual([
      undefined,
      basic('me:wrong'),
      basic('me:wrong'),
    ]);
  });

  test('by a scheme that nobody here knows is refused in words', async () => {
    const server = await scriptServer(() => unauthorized('Negotiate', 'NTLM abc='));
    const registries = await openWith({ [server.host]: 'me:pw' });
    await expect(statusOf(registries, server.host)).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: `${server.host} asks for a login by negotiate or ntlm, which Varve does not know`,
    });
  });
});

/** An authorizer of someone with this login everywhere, and an endpoint at which nothing needs to listen. */
async function authorizerAt(origin: string, login?: Login, now?: () => number) {
  const root = await tempFolder();
  await writeFile(join(root, 'registries.json'), '{"transfers":{"attempts":1}}');
  const authorizer = createAuthorizer({
    transport: openTransport(),
    settings: async () => (await readRegistriesConfig(root)).transfers,
    tlsOf: () => Promise.resolve(undefined),
    find: () => Promise.resolve({ problems: [], ...(login === undefined ? {} : { credential: login }) }),
    ...(now === undefined ? {} : { now }),
  });
  const endpoint: Endpoint = {
    registry: 'registry.test',
    origin,
    pathPrefix: '',
    repositoryPrefix: '',
    isMirror: false,
    tls: undefined,
  };
  return { authorizer, endpoint };
}
