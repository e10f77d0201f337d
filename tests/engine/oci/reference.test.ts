import { describe, expect, test } from 'vitest';
import {
  familiarReference,
  formatReference,
  parseReference,
} from '../../../src-main/engine/oci/reference.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';

const digest = `sha256:${'ab'.repeat(32)}` as const;

describe('a reference', () => {
  test.each([
    ['python', 'docker.io/library/python:latest', 'python:latest'],
    ['python:3.12-slim', 'docker.io/library/python:3.12-slim', 'python:3.12-slim'],
    ['library/python', 'docker.io/library/python:latest', 'python:latest'],
    ['org/app', 'docker.io/org/app:latest', 'org/app:latest'],
    ['index.docker.io/org/app:1', 'docker.io/org/app:1', 'org/app:1'],
    ['ghcr.io/org/team/app:2', 'ghcr.io/org/team/app:2', 'ghcr.io/org/team/app:2'],
    ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
    ['localhost:5000/x', 'localhost:5000/x:latest', 'localhost:5000/x:latest'],
    ['[::1]:5000/x:y', '[::1]:5000/x:y', '[::1]:5000/x:y'],
    [`app@${digest}`, `docker.io/library/app@${digest}`, `app@${digest}`],
    [`app:1@${digest}`, `docker.io/library/app:1@${digest}`, `app:1@${digest}`],
    ['a__b-c/e_f:_x', 'docker.io/a__b-c/e_f:_x', 'a__b-c/e_f:_x'],
  ])('%s is %s', (text, complete, familiar) => {
    const reference = parseReference(text);
    expect({ complete: formatReference(reference), familiar: familiarReference(reference) }).toEqual({
      complete,
      familiar,
    });
    expect(parseReference(familiar)).toEqual(reference);
  });

  test.each([
    '',
    ':tag',
    'UPPER',
    'a//b',
    'a/',
    '/a',
    'a:',
    'a:-x',
    'a@sha256:12',
    'a b',
    '../x',
    'a..b',
    `a:${'x'.repeat(129)}`,
  ])('%j is refused with a reason', (text) => {
    expect(() => parseReference(text)).toThrow(EngineError);
  });

  test('says that a name must be lower case', () => {
    expect(() => parseReference('MyApp')).toThrow('must be lower case');
  });
});
