import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { useWorkshop } from './support/use-workshop.ts';

interface WrongBuild {
  readonly name: string;
  readonly args: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly stderr: string;
}

/**
 * The builds of `tests/fixtures/wrong-builds.txt`: each starts with `=== name`, maybe with ` | arguments`; its parts are
 * headed `--- file` and `--- stderr`.
 */
function readWrongBuilds(): readonly WrongBuild[] {
  const path = join(import.meta.dirname, '..', 'fixtures', 'wrong-builds.txt');
  const [, ...blocks] = readFileSync(path, 'utf8').split(/^=== /m);
  return blocks.map((block) => {
    const [head = '', ...parts] = block.split(/^--- /m);
    const [name = '', args = ''] = head.trim().split(' | ');
    const files = Object.fromEntries(parts.map(splitPart));
    const { stderr = '', ...rest } = files;
    return { name, args: args.split(' ').filter((word) => word !== ''), files: rest, stderr };
  });
}

function splitPart(part: string): readonly [string, string] {
  const end = part.indexOf('\n');
  return [part.slice(0, end), part.slice(end + 1)];
}

const workshop = useWorkshop(async ({ root }) => {
  await buildBusyboxBase(root);
});

async function build({ name, args, files }: WrongBuild): Promise<unknown> {
  const context = await workshop.write(name, files);
  const env = { SSH_AUTH_SOCK: '' };
  const words = ['build', '--progress', 'quiet', '-t', 'wrong:1', ...args, '.'];
  const { status, stdout, stderr } = await workshop.varve(words, { cwd: context, env });
  const told = stderr
    .replaceAll(context, '<context>')
    .replace(/varve shell [0-9a-f]{12}$/m, 'varve shell <what it left>');
  return { status, stdout, stderr: told };
}

describe('a build that is wrong says where, shows the line, and says what to do', () => {
  const builds = readWrongBuilds();

  test('in ever so many ways', () => {
    expect(new Set(builds.map(({ name }) => name)).size).toBe(builds.length);
    expect(builds.length).toBeGreaterThan(100);
  });

  test.concurrent.each(builds)('$name', async (wrong) => {
    expect(await build(wrong)).toEqual({ status: 1, stdout: '', stderr: wrong.stderr });
  });
});
