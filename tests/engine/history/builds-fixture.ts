import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { BuildRequestInput } from '../../../src-main/contract/builds-api.ts';
import type { Engine } from '../../../src-main/contract/engine-api.ts';
import type { EngineError } from '../../../src-main/contract/errors.ts';
import { openEngine } from '../../../src-main/engine/engine.ts';

/** A store and a project of their own for each test, and the engine on them. */
export interface Builds {
  readonly root: string;
  readonly context: string;
  readonly engine: Engine;
  readonly records: Engine['api']['buildRecords'];
  write(path: string, text: string): Promise<void>;
  /** Builds, and answers the id of the record, however the build ended. */
  build(request?: Partial<BuildRequestInput>): Promise<string>;
}

export function useBuilds(): Builds {
  let work = '';
  let engine: Engine;
  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'varve-builds-'));
    await mkdir(join(work, 'project'));
    engine = await openEngine({ root: join(work, 'store'), version: '7' });
  });
  afterEach(async () => {
    await engine.close();
    await rm(work, { recursive: true, force: true });
  });
  return {
    get root() {
      return join(work, 'store');
    },
    get context() {
      return join(work, 'project');
    },
    get engine() {
      return engine;
    },
    get records() {
      return engine.api.buildRecords;
    },
    write: async (path, text) => {
      const file = join(work, 'project', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    },
    build: async (request = {}) => {
      let id = '';
      const onProgress = (event: { type: string; id?: string }) => {
        if (event.type === 'record') id = event.id ?? '';
      };
      const context = join(work, 'project');
      await engine.api.builds.run({ context, ...request }, { onProgress }).catch(() => undefined);
      return id;
    },
  };
}

/** The code and the message with which a call fails. */
export async function failureOf(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  return call.then(
    () => {
      throw new Error('the call did not fail');
    },
    ({ code, message }: EngineError) => ({ code, message }),
  );
}
