import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkDockerfile } from '../../../src-main/engine/dockerfile/check-dockerfile.ts';

/**
 * Dockerfiles of public projects with every word of theirs replaced: what is left is how people really write, the
 * instructions, flags, quotes, continuations, comments, here-documents and variables. `warnings.json` has what
 * BuildKit's checks say of each when busybox stands in for every image.
 */
const folder = join(import.meta.dirname, '../../fixtures/real-dockerfiles');
const files = readdirSync(folder).filter((name) => name.endsWith('.Dockerfile'));
const expected = JSON.parse(readFileSync(join(folder, 'warnings.json'), 'utf8')) as Record<string, string[]>;

const busybox = { platform: 'linux/amd64', environment: new Map([['PATH', '/bin']]) };

describe('a Dockerfile as people write them', () => {
  test('there are more than a hundred, of many projects', () => {
    const projects = new Set(files.map((name) => name.replace(/-\d+\.Dockerfile$/, '')));
    expect(files.length).toBeGreaterThanOrEqual(100);
    expect(projects.size).toBeGreaterThanOrEqual(40);
  });

  test.each(files)('%s has no error, and the warnings that BuildKit has', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const { errors, warnings } = checkDockerfile(text, { file, baseImage: () => busybox });
    expect({
      errors: errors.map(({ message, location }) => `${location.line}: ${message}`),
      warnings: Array.from(
        new Set(warnings.map(({ rule, location }) => `${location.line} ${rule}`)),
      ).toSorted(),
    }).toEqual({ errors: [], warnings: expected[file] ?? [] });
  });
});
