import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../parse-json.ts';

export type RuntimeName = 'crun' | 'runc';

/** An OCI runtime of the host and how to make it do without cgroups, of which it would leave some behind. */
export interface Runtime {
  readonly name: RuntimeName;
  /** Whether a run sees /sys/fs/cgroup (read-only): runc looks for cgroups, crun stumbles over unusual ones. */
  readonly cgroups: 'hidden' | 'shown';
  /** Whether it takes `nodev` off the root file system, which then has to be put back. */
  readonly losesNodev: boolean;
  /** Why no command was started, from the runtime's log; undefined when one was. */
  complaint(log: string): string | undefined;
}

/** In the order in which they are tried: crun starts a command in a quarter of the time that runc takes. */
export const RUNTIMES: readonly Runtime[] = [
  { name: 'crun', cgroups: 'hidden', losesNodev: true, complaint: lastError },
  { name: 'runc', cgroups: 'shown', losesNodev: false, complaint: lastError },
];

export interface RuntimePlaces {
  /** Where the log goes. */
  readonly folder: string;
  /** Where the configuration is and what is made of it goes. */
  readonly state: string;
  readonly id: string;
}

export function runtimeArguments(runtime: Runtime, { folder, state, id }: RuntimePlaces): readonly string[] {
  const log = ['--log', join(folder, 'runtime.log'), '--log-format', 'json'];
  const own = runtime.name === 'crun' ? ['--cgroup-manager', 'disabled'] : ['--rootless=true'];
  return [runtime.name, ...log, '--root', join(state, 'state'), ...own, 'run', '--bundle', state, id];
}

const logLineSchema = z.looseObject({ level: z.string().optional(), msg: z.string() });

function lastError(log: string): string | undefined {
  const errors = log.split('\n').flatMap((line) => {
    const parsed = logLineSchema.safeParse(parseJson(line));
    return parsed.success && parsed.data.level === 'error' ? [parsed.data.msg] : [];
  });
  return errors.at(-1);
}
