import { describe, expect, test } from 'vitest';
import { isEngineError } from '../../../../src-main/contract/errors.ts';
import { PLATFORM_ARGUMENTS } from '../../../../src-main/engine/dockerfile/language/argument-docs.ts';
import { FLAG_DOCS } from '../../../../src-main/engine/dockerfile/language/flag-docs.ts';
import { INSTRUCTION_DOCS } from '../../../../src-main/engine/dockerfile/language/instruction-docs.ts';
import { MOUNT_KEYS } from '../../../../src-main/engine/dockerfile/language/mount-docs.ts';
import { INSTRUCTION_KINDS } from '../../../../src-main/engine/dockerfile/parse-instruction.ts';
import { parseMount } from '../../../../src-main/engine/dockerfile/parse-mount.ts';
import { platformArguments } from '../../../../src-main/engine/dockerfile/platform-arguments.ts';
import { readDockerfile } from '../../../../src-main/engine/dockerfile/read-dockerfile.ts';

/** Arguments with which each instruction is well-formed. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  copy: 'a b',
  add: 'a b',
  healthcheck: 'CMD x',
  env: 'a=b',
  label: 'a=b',
  shell: '["a"]',
  onbuild: 'RUN x',
};

function errorsOf(line: string): readonly string[] {
  const text = line.toLowerCase().startsWith('from') ? line : `FROM a\n${line}`;
  return readDockerfile(text, 'f').errors.map(({ message, hint }) => `${message} ${hint ?? ''}`);
}

test('every instruction that the parser knows is described', () => {
  expect(Object.keys(INSTRUCTION_DOCS).toSorted()).toEqual(INSTRUCTION_KINDS.toSorted());
});

describe('the flags that are described are those that the parser takes', () => {
  test.each(INSTRUCTION_KINDS)('%s', (kind) => {
    const rest = ARGUMENTS[kind] ?? 'x';
    for (const [name, { takes }] of Object.entries(FLAG_DOCS[kind] ?? {})) {
      const value = {
        from: 'a',
        retries: '3',
        security: 'sandbox',
        network: 'none',
        mount: 'type=tmpfs,target=/x',
      }[name];
      const flag = takes === 'switch' ? `--${name}` : `--${name}=${value ?? '5s'}`;
      expect(errorsOf(`${kind} ${flag} ${rest}`)).toEqual([]);
      const isRefused = errorsOf(`${kind} --${name} ${rest}`).length > 0;
      expect([name, isRefused]).toEqual([name, takes !== 'switch']);
      const isOnlyOnce = errorsOf(`${kind} ${flag} ${flag} ${rest}`).length > 0;
      expect([name, isOnlyOnce]).toEqual([name, takes !== 'list']);
    }
    const [unknown = ''] = kind === 'onbuild' ? [] : errorsOf(`${kind} --qqqqqqqq ${rest}`);
    const known = Array.from(unknown.matchAll(/--([a-z-]+)/g), ([, name]) => name).filter(
      (name) => name !== 'qqqqqqqq',
    );
    expect(known.toSorted()).toEqual(Object.keys(FLAG_DOCS[kind] ?? {}).toSorted());
  });
});

describe('the keys of a mount that are described are those that it takes', () => {
  const values: Readonly<Record<string, string>> = {
    size: '1m',
    mode: '0755',
    uid: '1',
    gid: '1',
    sharing: 'locked',
    required: 'true',
    readonly: 'true',
    readwrite: 'true',
  };
  test.each(Object.entries(MOUNT_KEYS))('%s', (key, { types, isSwitch }) => {
    for (const type of types) {
      const setting = key === 'type' ? '' : `,${key}=${values[key] ?? 'x'}`;
      const extra = type === 'secret' && !['id', 'source'].includes(key) ? ',id=s' : '';
      const text = `FROM a\nRUN --mount=type=${type}${setting}${extra} x`;
      const [run] = readDockerfile(text, 'f').dockerfile.stages[0]?.instructions ?? [];
      if (run?.kind !== 'run' || run.mounts[0] === undefined) throw new Error(`no mount in ${text}`);
      expect(parseMount(run.mounts[0], (value) => value).type).toBe(type);
    }
    const bare = readDockerfile(`FROM a\nRUN --mount=type=${types[0]},id=s,${key} x`, 'f').dockerfile
      .stages[0]?.instructions[0];
    if (bare?.kind !== 'run' || bare.mounts[0] === undefined) return;
    const [mount] = bare.mounts;
    expect(isRefused(() => parseMount(mount, (value) => value))).toBe(isSwitch !== true);
  });
});

function isRefused(compute: () => unknown): boolean {
  try {
    compute();
    return false;
  } catch (error) {
    if (isEngineError(error)) return true;
    throw error;
  }
}

test('the automatic arguments that are described are those that a build has', () => {
  const buildPlatform = { os: 'linux', architecture: 'amd64' };
  const options = { buildPlatform, targetPlatform: buildPlatform, targetStage: '', buildArgs: new Map() };
  expect(Object.keys(PLATFORM_ARGUMENTS).toSorted()).toEqual(
    Array.from(platformArguments(options).keys()).toSorted(),
  );
});
