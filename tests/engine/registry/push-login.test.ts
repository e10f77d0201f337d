import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, USER } from '../../fixtures/logins.ts';
import {
  hasRegistryServer,
  startRegistryServer,
  type RegistryServer,
} from '../../fixtures/registry-server.ts';
import { startTokenServer, type TokenServer } from '../../fixtures/token-server.ts';
import { randomImage } from '../support/random-image.ts';
import { testEngine } from '../support/test-engine.ts';

describe.skipIf(!(await hasRegistryServer()))('a registry that asks for tokens', () => {
  let folder = '';
  let tokens: TokenServer;
  let registry: RegistryServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varve-push-login-'));
    tokens = await startTokenServer(join(folder, 'tokens'), { users: { [USER]: PASSWORD } });
    registry = await startRegistryServer(folder, { token: tokens });
  });
  afterAll(async () => {
    await Promise.all([registry.close(), tokens.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  test('takes no push from anyone, and says what to do', async () => {
    const { api, store } = await testEngine();
    const { descriptor } = await randomImage(store, { seed: 1, layers: 1 });
    const target = `${registry.host}/public/app:1`;
    await expect(api.images.push({ ref: descriptor.digest, target })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      hint: expect.stringContaining('varve login') as string,
    });
  });

  test('takes the push of who is logged in, and lets one repository mount from another', async () => {
    const { api, store } = await testEngine();
    const { host } = registry;
    await api.registries.login({ registry: host, username: USER, password: PASSWORD });
    const { descriptor } = await randomImage(store, { seed: 1, layers: 1 });
    await api.images.push({ ref: descriptor.digest, target: `${host}/team/one:1` });
    const { blobs } = await api.images.push({ ref: descriptor.digest, target: `${host}/team/two:1` });
    expect(blobs.map(({ outcome }) => outcome)).toEqual(['mounted', 'mounted', 'uploaded']);
    expect(tokens.seen.map(({ scopes }) => scopes)).toContainEqual([
      'repository:team/two:pull,push',
      'repository:team/one:pull',
    ]);
    expect((await api.registries.repositories({ registry: host })).names).toEqual(['team/one', 'team/two']);
  });
});
