import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { runVarve, type Ended, type RunOptions } from '../../fixtures/varve-cli.ts';

/** A temporary folder with a store of its own, and the command line on it. */
export interface Workshop {
  /** The folder; where commands run unless told otherwise. */
  readonly folder: string;
  readonly root: string;
  /** Runs the command line and answers how it ended. */
  varve(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** Runs the command line, which must succeed, and answers its standard output. */
  out(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Writes files by their paths below a new folder of that name, and answers the folder. */
  write(name: string, files: Readonly<Record<string, string>>): Promise<string>;
}

/** A workshop for the tests of one file; gone after them. */
export function useWorkshop(prepare: (workshop: Workshop) => Promise<void> = async () => {}): Workshop {
  const workshop = createWorkshop();
  beforeAll(async () => {
    await workshop.open();
    await prepare(workshop);
  });
  afterAll(() => workshop.close());
  return workshop;
}

function createWorkshop(): Workshop & { open(): Promise<void>; close(): Promise<void> } {
  let folder = '';
  const varve = (args: readonly string[], options: RunOptions = {}) =>
    runVarve(join(folder, 'store'), args, { cwd: folder, ...options });
  return {
    get folder() {
      return folder;
    },
    get root() {
      return join(folder, 'store');
    },
    varve,
    out: async (args, options) => {
      const { status, stdout, stderr } = await varve(args, options);
      if (status !== 0) throw new Error(`varve ${args.join(' ')} ended with ${status}:\n${stderr}`);
      return stdout;
    },
    write: (name, files) => writeFiles(join(folder, name), files),
    open: async () => {
      folder = await mkdtemp(join(tmpdir(), 'varve-cli-'));
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function writeFiles(target: string, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(target, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), content);
    await chmod(join(target, path), 0o644);
  }
  return target;
}
