import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import { EngineError } from '../../../src-main/contract/errors.ts';
import type { RegistryRow } from '../../../src-main/contract/registries-api.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { digestOf, imageRow } from '../support/image-row.ts';
import { openTestWindow } from '../support/test-window.ts';
import { textOf } from '../support/text-of.ts';

const row = (registry: string, given: Partial<RegistryRow> = {}): RegistryRow => ({
  registry,
  origin: 'file',
  mirrors: [],
  insecure: false,
  ...given,
});

const kept = { kind: 'file' as const, place: '/home/me/auth.json' };
const wantsLogin = new EngineError('UNAUTHORIZED', 'cannot list: it wants a login');

function setUp() {
  let rows = [row('docker.io', { origin: 'default' }), row('own:5000', { ca: '/ca.pem' })];
  let isLoggedIn = false;
  const registries = {
    list: vi.fn(() => Promise.resolve(rows)),
    set: vi.fn(({ registry, settings }: { registry: string; settings: Partial<RegistryRow> }) => {
      rows = [...rows.filter((other) => other.registry !== registry), row(registry, settings)];
      return Promise.resolve({});
    }),
    repositories: vi.fn(() =>
      isLoggedIn ? Promise.resolve({ names: ['team/app'] }) : Promise.reject(wantsLogin),
    ),
    login: vi.fn(
      ({
        registry,
        username,
        password,
      }: {
        registry: string;
        username?: string | undefined;
        password?: string | undefined;
      }) => {
        if (password !== 'right') return Promise.reject(new EngineError('UNAUTHORIZED', 'not the password'));
        isLoggedIn = true;
        rows = rows.map((other) =>
          other.registry === registry ? { ...other, login: { username: username ?? '', kept } } : other,
        );
        return Promise.resolve({ registry, username: username ?? '', kept });
      },
    ),
  };
  const images = {
    list: () => Promise.resolve([imageRow('shop:1', { repository: 'shop', tag: '1' })]),
    tagHistory: () => Promise.resolve([]),
    pull: vi.fn(
      (_params: unknown, options?: { signal?: AbortSignal | undefined }) =>
        new Promise<never>((_, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new EngineError('CANCELLED', 'cancelled')));
        }),
    ),
  };
  const app = openTestWindow(fakeEngine({ registries, images }), {
    chooseCertificate: () => Promise.resolve('/etc/other.pem'),
  });
  return { app, registries, images };
}

async function choose(registry: string): Promise<void> {
  const list = await screen.findByRole('listbox', { name: 'Registries' });
  await fireEvent.click(await within(list).findByRole('option', { name: new RegExp(registry) }));
}

describe('the Registries screen', () => {
  test('changes how a registry is reached, and says so until it is saved', async () => {
    const { app, registries } = setUp();
    await app.command('screen-5');
    await choose('own:5000');
    const save = screen.getByRole('button', { name: 'Save' });
    expect(save.hasAttribute('disabled')).toBe(true);
    await fireEvent.click(screen.getByRole('button', { name: 'Add mirror' }));
    await fireEvent.input(screen.getByRole('textbox', { name: 'Mirror 1' }), {
      target: { value: 'https://m' },
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Choose authority…' }));
    await waitFor(() =>
      expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Authority' }).value).toBe(
        '/etc/other.pem',
      ),
    );
    await fireEvent.submit(screen.getByRole('form', { name: 'How own:5000 is reached' }));
    await waitFor(() =>
      expect(registries.set.mock.calls).toEqual([
        [
          {
            registry: 'own:5000',
            settings: { mirrors: [{ url: 'https://m' }], insecure: false, ca: '/etc/other.pem' },
          },
        ],
      ]),
    );
    await waitFor(() => expect(save.hasAttribute('disabled')).toBe(true));
  });

  test('shows why a wrong file cannot be read', async () => {
    const { app, registries } = setUp();
    registries.list.mockRejectedValueOnce(new EngineError('INVALID_INPUT', 'registries.json is not JSON'));
    await app.command('screen-5');
    expect(textOf(await screen.findByRole('alert'))).toContain('registries.json is not JSON');
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  test('logs in where the registry asks for it, with the error in place', async () => {
    const { app, registries } = setUp();
    await app.command('screen-5');
    await choose('own:5000');
    const pane = await screen.findByRole('region', { name: 'Repositories of own:5000' });
    await fireEvent.click(await within(pane).findByRole('button', { name: 'Log in…' }));
    await fireEvent.input(await screen.findByRole('textbox', { name: 'User name' }), {
      target: { value: 'me' },
    });
    const password = screen.getByLabelText<HTMLInputElement>('Password');
    expect(password.type).toBe('password');
    await fireEvent.input(password, { target: { value: 'wrong' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Log in' }));
    expect(textOf(await screen.findByRole('alert'))).toContain('not the password');
    await fireEvent.input(password, { target: { value: 'right' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Log in' }));
    expect(textOf(await screen.findByRole('region', { name: 'State' }))).toContain(
      'me, kept in /home/me/auth.json',
    );
    expect(await within(pane).findByRole('option', { name: /team\/app/ })).toBeTruthy();
    expect(registries.login.mock.calls.map(([params]) => params.password)).toEqual(['wrong', 'right']);
  });
});

describe('Pull…', () => {
  test('suggests with the keyboard, goes on when it is closed, and is cancelled', async () => {
    const { app, images } = setUp();
    await app.command('pull');
    const field = await screen.findByRole('combobox', { name: 'Image' });
    await fireEvent.input(field, { target: { value: 'sho' } });
    await fireEvent.keyDown(field, { key: 'ArrowDown' });
    const option = screen.getByRole('option', { name: /shop:1/ });
    expect(field.getAttribute('aria-activedescendant')).toBe(option.id);
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect((field as HTMLInputElement).value).toBe('shop:1');
    await fireEvent.click(screen.getByRole('checkbox', { name: 'All platforms' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Pull' }));
    expect(images.pull.mock.calls.map(([params]) => params)).toEqual([{ ref: 'shop:1', allPlatforms: true }]);
    app.pull.close();
    expect(app.pull.isRunning).toBe(true);
    await app.command('pull');
    await fireEvent.click(await screen.findByRole('button', { name: 'Cancel the pull' }));
    await waitFor(() => expect(app.pull.isRunning).toBe(false));
    expect(within(screen.getByRole('dialog')).queryByRole('alert')).toBeNull();
  });

  test('says what went wrong in its place, and asks for a login where that helps', async () => {
    const { app, images } = setUp();
    images.pull.mockRejectedValueOnce(new EngineError('UNAUTHORIZED', 'cannot pull: it wants a login'));
    await app.command('pull');
    await fireEvent.input(await screen.findByRole('combobox', { name: 'Image' }), {
      target: { value: 'own:5000/team/app:1' },
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Pull' }));
    const alert = await within(screen.getByRole('dialog')).findByRole('alert');
    expect(textOf(alert)).toContain('it wants a login');
    await fireEvent.click(within(alert).getByRole('button', { name: 'Log in…' }));
    expect(await screen.findByRole('dialog', { name: 'Log in to own:5000' })).toBeTruthy();
  });
});

describe('Push…', () => {
  test('shows what is there already, what is sent and what moves before anything is sent', async () => {
    const preview = {
      target: 'own:5000/shop:1',
      blobs: [
        { digest: digestOf('1'), kind: 'layer' as const, sizeBytes: 1000, state: 'there' as const },
        {
          digest: digestOf('2'),
          kind: 'layer' as const,
          sizeBytes: 2000,
          state: 'mount' as const,
          from: 'base/app',
        },
        { digest: digestOf('3'), kind: 'config' as const, sizeBytes: 300, state: 'upload' as const },
      ],
      uploadBytes: 300,
      from: digestOf('c'),
      to: digestOf('a'),
      notes: ['Only linux/amd64 is pushed'],
    };
    const pushPreview = vi.fn(() => Promise.resolve(preview));
    const push = vi.fn(() => Promise.reject(new EngineError('REGISTRY', 'cannot push: no room')));
    const registries = { list: () => Promise.resolve([row('docker.io'), row('own:5000')]), pushPreview };
    const images = {
      list: () => Promise.resolve([imageRow('shop:1', { repository: 'shop', tag: '1' })]),
      tagHistory: () => Promise.resolve([]),
      push,
    };
    const app = openTestWindow(fakeEngine({ registries, images }));
    app.show('images');
    await waitFor(() => expect(app.images.rows).toHaveLength(1));
    app.images.select(app.images.rows?.[0]);
    await app.command('push');
    const dialog = await screen.findByRole('dialog', { name: 'Push shop:1' });
    await fireEvent.input(within(dialog).getByRole('combobox', { name: 'To' }), {
      target: { value: 'own:5000/shop:1' },
    });
    const list = await within(dialog).findByRole('list', { name: 'What is sent' });
    expect(within(list).getAllByRole('listitem').map(textOf)).toEqual([
      expect.stringContaining('there already'),
      expect.stringContaining('taken from base/app'),
      expect.stringContaining('to send'),
    ]);
    expect(textOf(dialog)).toContain('Only linux/amd64 is pushed');
    expect(textOf(dialog)).toContain('300 B to send');
    expect(textOf(dialog)).toMatch(/moves\s*c+\s*a+/);
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Push' }));
    expect(textOf(await within(dialog).findByRole('alert'))).toContain('no room');
    expect(push.mock.calls).toEqual([[{ ref: 'shop:1', target: 'own:5000/shop:1' }, expect.anything()]]);
  });
});
