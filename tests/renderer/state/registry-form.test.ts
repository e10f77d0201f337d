import { describe, expect, test } from 'vitest';
import { RegistryForm } from '../../../src-renderer/state/registry-form.svelte.ts';

function open(mirrors: readonly string[] = []): RegistryForm {
  return new RegistryForm({
    registry: 'docker.io',
    origin: 'default',
    mirrors: mirrors.map((url) => ({ url })),
    insecure: false,
  });
}

describe('how a registry is reached', () => {
  test('is changed only by what differs when it is saved', () => {
    const form = open(['https://a']);
    expect(form.canSave).toBe(false);
    form.addMirror();
    expect(form.canSave).toBe(false);
    form.setMirror(1, ' https://b ');
    form.change({ ca: '/etc/ca.pem', blocked: true });
    expect(form.canSave).toBe(true);
    expect(form.settings).toEqual({
      mirrors: [{ url: 'https://a' }, { url: 'https://b' }],
      insecure: false,
      ca: '/etc/ca.pem',
      blocked: true,
    });
    form.change({ ca: ' ', blocked: false });
    form.removeMirror(1);
    expect(form.canSave).toBe(false);
  });

  test('is not saved with an address that is none', () => {
    const form = open();
    form.addMirror();
    form.setMirror(0, 'ftp://a');
    form.change({ endpoint: 'registry' });
    expect([...form.mistakes.keys()]).toEqual(['endpoint', '0']);
    expect(form.canSave).toBe(false);
  });

  test('puts a mirror earlier or later, and keeps what else is said of it', () => {
    const form = new RegistryForm({
      registry: 'docker.io',
      origin: 'file',
      mirrors: [{ url: 'https://a', ca: '/a.pem' }, { url: 'https://b' }],
      insecure: false,
    });
    form.moveMirror(0, 1);
    form.moveMirror(1, 1);
    form.setMirror(1, 'https://c');
    expect(form.settings.mirrors).toEqual([{ url: 'https://b' }, { url: 'https://c', ca: '/a.pem' }]);
  });
});
