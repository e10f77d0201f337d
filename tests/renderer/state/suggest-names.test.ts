import { describe, expect, test } from 'vitest';
import { localRepositories, localTags } from '../../../src-renderer/state/local-names.ts';
import { remoteQuestion, suggestNames } from '../../../src-renderer/state/suggest-names.ts';
import { digestOf, imageRow } from '../support/image-row.ts';

const rows = [
  imageRow('python:3.12', { repository: 'python', tag: '3.12' }),
  imageRow('ghcr.io/org/app:2', { repository: 'ghcr.io/org/app', tag: '2', digest: digestOf('b') }),
];

describe('an unfinished name', () => {
  test('is found among the names here and the registries that are known', () => {
    const suggest = (text: string) =>
      suggestNames(text, { rows, registries: ['ghcr.io', 'quay.io'], remote: [] });
    expect(suggest('gh')).toEqual([
      { value: 'ghcr.io/org/app:2', detail: 'here' },
      { value: 'ghcr.io/', detail: 'registry' },
    ]);
    expect(suggest('python:3.12')).toEqual([]);
    expect(suggest('python@sha256:')).toEqual([]);
  });

  test('asks for tags after a repository, and for repositories after a registry', () => {
    expect(remoteQuestion('python:')).toEqual({ kind: 'tags', repository: 'python' });
    expect(remoteQuestion('localhost:5000/team/app:1')).toEqual({
      kind: 'tags',
      repository: 'localhost:5000/team/app',
    });
    expect(remoteQuestion('quay.io/te')).toEqual({ kind: 'repositories', registry: 'quay.io' });
    for (const text of ['', 'python', 'org/app', 'localhost:5000', 'quay.io:443', 'python@sha256:ab'])
      expect(remoteQuestion(text)).toBeUndefined();
  });

  test('is completed by what the registry says, what is here first', () => {
    expect(suggestNames('python:3.1', { rows, registries: [], remote: ['3.12', '3.13', '2.7'] })).toEqual([
      { value: 'python:3.12', detail: 'here' },
      { value: 'python:3.13', detail: 'tag' },
    ]);
    expect(suggestNames('quay.io/', { rows, registries: [], remote: ['team/app'] })).toEqual([
      { value: 'quay.io/team/app', detail: 'repository' },
    ]);
  });
});

describe('images here', () => {
  test('are known by the repository at the registry that their names mean', () => {
    expect(localRepositories(rows, 'docker.io')).toEqual(['library/python']);
    expect(localRepositories(rows, 'ghcr.io')).toEqual(['org/app']);
    expect(localTags(rows, { registry: 'ghcr.io', repository: 'org/app' })).toEqual(
      new Map([['2', digestOf('b')]]),
    );
  });
});
