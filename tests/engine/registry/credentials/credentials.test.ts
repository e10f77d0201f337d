import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  openCredentials,
  type Credentials,
} from '../../../../src-main/engine/registry/credentials/credentials.ts';
import type { Keychain } from '../../../../src-main/engine/registry/credentials/keychain.ts';
import { silentLog } from '../../../../src-main/engine/log.ts';
import { writeCredentialHelper } from '../../../fixtures/credential-helper.ts';
import { tempFolder } from '../../support/temp-store.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const login = (username: string, secret: string) => ({ kind: 'password', username, secret }) as const;

interface Setting {
  readonly folder: string;
  readonly credentials: Credentials;
  write(path: string, content: unknown): Promise<string>;
}

interface SettingOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly keychain?: Keychain;
  readonly helperTimeLimitMs?: number;
}

/** A home of its own: no file of whoever runs the tests is read. */
async function setting(options: SettingOptions = {}): Promise<Setting> {
  const folder = await tempFolder();
  const env = { XDG_RUNTIME_DIR: join(folder, 'run'), PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  const surroundings = {
    env: { ...env, ...options.env },
    platform: 'linux',
    home: join(folder, 'home'),
    uid: 1000,
  } as const;
  return {
    folder,
    credentials: openCredentials({ root: join(folder, 'root'), log: silentLog, ...options, surroundings }),
    write: async (path, content) => {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
  };
}

const DOCKER = 'home/.docker/config.json';
const PODMAN = 'home/.config/containers/auth.json';

describe('a credential is found', () => {
  test.each([
    ['as docker writes it', { auth: base64('me:a:b') }, login('me', 'a:b')],
    ['as name and password', { username: 'me', password: 'pw' }, login('me', 'pw')],
    [
      'as an identity token',
      { auth: base64('me:'), identitytoken: 'refresh' },
      { kind: 'identity-token', username: 'me', secret: 'refresh' },
    ],
    [
      'as a registry token',
      { registrytoken: 'bearer' },
      { kind: 'registry-token', username: '', secret: 'bearer' },
    ],
  ])('%s', async (_, entry, expected) => {
    const { credentials, write } = await setting();
    const place = await write(DOCKER, { auths: { 'example.com:5000': entry } });
    expect(await credentials.find('example.com:5000', 'app')).toEqual({
      credential: { ...expected, from: { kind: 'file', place } },
      problems: [],
    });
  });

  test.each(['https://index.docker.io/v1/', 'docker.io', 'index.docker.io', 'registry-1.docker.io'])(
    'for docker.io under %s',
    async (key) => {
      const { credentials, write } = await setting();
      await write(DOCKER, { auths: { [key]: { auth: base64('me:pw') } } });
      expect((await credentials.find('docker.io', 'library/app')).credential).toMatchObject(
        login('me', 'pw'),
      );
    },
  );

  test.each([
    ['https://example.com', 'example.com', true],
    ['http://example.com/v1/', 'example.com', true],
    ['Example.com/v2/', 'example.com', true],
    ['example.com', 'example.com:5000', false],
    ['example.com:5000', 'example.com', false],
    ['my.example.com', 'example.com', false],
  ])('under %s for %s: %s', async (key, registry, isFound) => {
    const { credentials, write } = await setting();
    await write(DOCKER, { auths: { [key]: { auth: base64('me:pw') } } });
    expect((await credentials.find(registry, 'app')).credential !== undefined).toBe(isFound);
  });

  test('under the key that names most of the repository', async () => {
    const { credentials, write } = await setting();
    const keys = ['example.com', 'example.com/team', 'example.com/team/app'];
    await write(PODMAN, {
      auths: Object.fromEntries(keys.map((key) => [key, { auth: base64(`${key}:pw`) }])),
    });
    const nameFor = async (repository: string) =>
      (await credentials.find('example.com', repository)).credential?.username;
    expect(await Promise.all(['team/app', 'team/apple', 'teams/app', 'team/app/sub'].map(nameFor))).toEqual([
      'example.com/team/app',
      'example.com/team',
      'example.com',
      'example.com/team/app',
    ]);
  });

  test('in Varve’s own file, then docker’s, then Podman’s of the session and of the user', async () => {
    const { credentials, write } = await setting();
    const auths = (name: string) => ({ auths: { 'example.com': { auth: base64(`${name}:pw`) } } });
    const found: (string | undefined)[] = [];
    for (const path of [PODMAN, 'run/containers/auth.json', DOCKER, 'root/auth.json']) {
      await write(path, auths(path));
      found.push((await credentials.find('example.com')).credential?.username);
    }
    expect(found).toEqual([PODMAN, 'run/containers/auth.json', DOCKER, 'root/auth.json']);
  });

  test('where the environment says', async () => {
    const folder = await tempFolder();
    const auths = (name: string) =>
      JSON.stringify({ auths: { [`${name}.example`]: { auth: base64('me:pw') } } });
    await writeFile(join(folder, 'config.json'), auths('docker'));
    await writeFile(join(folder, 'podman.json'), auths('podman'));
    const { credentials, write } = await setting({
      env: {
        DOCKER_CONFIG: folder,
        REGISTRY_AUTH_FILE: join(folder, 'podman.json'),
        DOCKER_AUTH_CONFIG: auths('text'),
      },
    });
    await write(DOCKER, auths('usual'));
    await write(PODMAN, auths('usual'));
    const isFound = async (name: string) =>
      (await credentials.find(`${name}.example`)).credential !== undefined;
    expect(await Promise.all(['docker', 'podman', 'text', 'usual'].map(isFound))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('a file that is broken', () => {
  test.each([
    ['{"auths": {"a.example": {"auth": "c2VjcmV0" "x": 1}}}', ':1:45: this is not JSON'],
    ['{\n  "auths": secret-word\n}', ':2:12: this is not JSON'],
    [
      '{"auths": {"a.example": {"auth": 5}}}',
      ': auths.a.example.auth: Invalid input: expected string, received number',
    ],
    [
      '{"auths": {"example.com": {"auth": "c2VjcmV0"}}}',
      ': auths.example.com.auth: this is not name:password in base64',
    ],
    ['[]', ': the whole: Invalid input: expected object, received array'],
  ])('is told with its place and without what is in it: %s', async (content, told) => {
    const { credentials, write } = await setting();
    const path = await write(DOCKER, content);
    await write(PODMAN, { auths: { 'example.com': { auth: base64('me:pw') } } });
    const { credential, problems } = await credentials.find('example.com', 'app');
    expect([credential?.username, problems.map(({ message }) => message)]).toEqual([
      'me',
      [`${path}${told}`],
    ]);
    expect(problems[0]?.cause).toBeUndefined();
  });

  test('lets nothing be stored elsewhere, since it may name a helper', async () => {
    const { credentials, write, folder } = await setting();
    await write(DOCKER, '{"credsStore": ');
    await expect(credentials.store('example.com', login('me', 'pw'))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(stat(join(folder, 'root'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a credential helper', () => {
  test('keeps, finds, lists and erases; no secret is in its arguments or in a file of Varve’s', async () => {
    const { credentials, write, folder } = await setting();
    const helper = await writeCredentialHelper(join(folder, 'bin'), 'safe');
    await write(DOCKER, { credsStore: 'safe' });
    await write('root/auth.json', { auths: { 'example.com': { auth: base64('older:one') } } });
    const from = { kind: 'helper', place: 'docker-credential-safe' };
    expect(await credentials.store('example.com', login('me', 'pw "quoted"\n'))).toEqual(from);
    await credentials.store('docker.io', { kind: 'identity-token', username: 'me', secret: 'refresh' });
    expect((await credentials.find('example.com', 'app')).credential).toEqual({
      ...login('me', 'pw "quoted"\n'),
      from,
    });
    expect((await credentials.find('docker.io', 'library/app')).credential).toEqual({
      kind: 'identity-token',
      username: '',
      secret: 'refresh',
      from,
    });
    const kept = [...(await credentials.list())].sort((a, b) => (a.registry < b.registry ? -1 : 1));
    expect(kept).toEqual([
      { registry: 'docker.io', username: '<token>', from },
      { registry: 'example.com', username: 'me', from },
    ]);
    expect(await credentials.erase('example.com')).toEqual([from]);
    expect(await credentials.erase('example.com')).toEqual([]);
    expect(await credentials.find('example.com')).toEqual({ problems: [] });
    expect(new Set(await helper.calls())).toEqual(new Set(['store', 'get', 'list', 'erase']));
    expect(await readFile(join(folder, 'root', 'auth.json'), 'utf8')).toBe('{\n\t"auths": {}\n}\n');
  });

  test('of one registry is asked for that one only', async () => {
    const { credentials, write, folder } = await setting();
    const one = await writeCredentialHelper(join(folder, 'bin'), 'one');
    await write(DOCKER, {
      credHelpers: { 'one.example': 'one' },
      auths: { 'two.example': { auth: base64('me:pw') } },
    });
    await credentials.find('two.example');
    expect(await one.calls()).toEqual([]);
    await credentials.find('one.example');
    expect(await one.calls()).toEqual(['get']);
  });

  test.each([
    ['that is not installed', 'absent', '', 'docker-credential-absent is not installed'],
    [
      'that fails',
      'sad',
      '#!/bin/sh\necho the store is locked\nexit 1\n',
      'docker-credential-sad get failed: the store is locked',
    ],
    [
      'that says nothing',
      'mute',
      '#!/bin/sh\nexit 3\n',
      'docker-credential-mute get failed: it does not say why',
    ],
    [
      'that answers in another form',
      'odd',
      '#!/bin/sh\necho my-secret-word\n',
      'docker-credential-odd get failed: its answer is not of the form that helpers answer in',
    ],
    [
      'that never ends',
      'slow',
      '#!/bin/sh\nexec sleep 600\n',
      'docker-credential-slow get failed: it did not end within 0.3 s',
    ],
    ['that is a path', '../evil', '', '"../evil" is not a credential helper\'s name'],
  ])('%s is told in words, and the search goes on', async (_, name, script, told) => {
    const { credentials, write, folder } = await setting({ helperTimeLimitMs: 300 });
    if (script !== '') await writeCredentialHelper(join(folder, 'bin'), name, script);
    await write(DOCKER, { credsStore: name });
    await write(PODMAN, { auths: { 'example.com': { auth: base64('me:pw') } } });
    const { credential, problems } = await credentials.find('example.com');
    expect([credential?.username, problems.map(({ message }) => message)]).toEqual(['me', [told]]);
  });

  test('that repeats the secret in its complaint does not get it into ours', async () => {
    const { credentials, write, folder } = await setting();
    await writeCredentialHelper(
      join(folder, 'bin'),
      'loud',
      '#!/bin/sh\necho "cannot keep $(cat)"\nexit 1\n',
    );
    await write(DOCKER, { credsStore: 'loud' });
    await expect(credentials.store('example.com', login('me', 'hunter2'))).rejects.toThrow(
      'docker-credential-loud store failed: cannot keep {"ServerURL":"example.com","Username":"me","Secret":"***"}',
    );
  });
});

describe('Varve’s own file', () => {
  test('is its owner’s only, keeps what else is in it, and forgets on request', async () => {
    const { credentials, write, folder } = await setting();
    const place = await write('root/auth.json', { note: 'kept', auths: { 'https://b.example/v1/': {} } });
    const from = { kind: 'file', place };
    expect(await credentials.store('a.example', login('me', 'pw'))).toEqual(from);
    await credentials.store('b.example', login('you', 'pw'));
    expect((await stat(place)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'root'))).toEqual(['auth.json']);
    expect(await credentials.list()).toEqual([
      { registry: 'b.example', username: 'you', from },
      { registry: 'a.example', username: 'me', from },
    ]);
    expect(await credentials.erase('b.example')).toEqual([from]);
    expect(JSON.parse(await readFile(place, 'utf8'))).toEqual({
      note: 'kept',
      auths: { 'a.example': { auth: base64('me:pw') } },
    });
  });

  test('loses no login when many are stored at once', async () => {
    const { credentials } = await setting();
    const registries = Array.from({ length: 20 }, (_, at) => `r${at}.example`);
    await Promise.all(registries.map((registry) => credentials.store(registry, login('me', 'pw'))));
    expect((await credentials.list()).map(({ registry }) => registry).sort()).toEqual(registries.sort());
  });

  test('holds what a keychain sealed, which only a process with the keychain can use', async () => {
    const keychain: Keychain = {
      weakness: async () => undefined,
      seal: async (text) => base64(`sealed ${text}`),
      unseal: async (sealed) => Buffer.from(sealed, 'base64').toString().slice('sealed '.length),
    };
    const { credentials, folder } = await setting({ keychain });
    const from = { kind: 'keychain', place: join(folder, 'root', 'auth.json') };
    expect(await credentials.store('example.com', login('me', 'pw'))).toEqual(from);
    expect((await credentials.find('example.com')).credential).toEqual({ ...login('me', 'pw'), from });
    expect(await credentials.list()).toEqual([{ registry: 'example.com', username: 'me', from }]);
    expect(await readFile(join(folder, 'root', 'auth.json'), 'utf8')).not.toContain(base64('me:pw'));

    const surroundings = { env: {}, platform: 'linux', home: folder, uid: 1000 } as const;
    const without = openCredentials({ root: join(folder, 'root'), log: silentLog, surroundings });
    const { credential, problems } = await without.find('example.com');
    expect([credential, problems.map(({ message, hint }) => [message, hint])]).toEqual([
      undefined,
      [
        [
          'the login for example.com was sealed in Varve’s window, and only it can open it',
          'Log in for the command line too: varve login example.com',
        ],
      ],
    ]);
  });

  test('holds it in the clear where the keychain is none', async () => {
    const keychain: Keychain = {
      weakness: async () => 'there is no keychain',
      seal: () => Promise.reject(new Error('it must not be asked')),
      unseal: () => Promise.reject(new Error('it must not be asked')),
    };
    const { credentials, folder } = await setting({ keychain });
    expect(await credentials.store('example.com', login('me', 'pw'))).toEqual({
      kind: 'file',
      place: join(folder, 'root', 'auth.json'),
    });
    expect(await credentials.weakness()).toBe('there is no keychain');
  });
});
