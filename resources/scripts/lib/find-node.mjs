import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { inHome } from './paths.mjs';
import { fail } from './run.mjs';

/** The Node that Varve runs on: 24 or later, from the npm packages on linux-x64, else the system's. */
export function findNode() {
  const ours = inHome('node_modules', '.bin', 'node');
  if (existsSync(ours)) return ours;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `Varve needs Node 24 or later here; this is ${process.version}. Install it from nodejs.org and try again.`,
  );
}

/** The environment in which `node` and the tools are the ones of the npm packages. */
export function toolEnvironment(extra = {}) {
  return {
    ...process.env,
    PATH: `${inHome('node_modules', '.bin')}${delimiter}${process.env.PATH}`,
    ...extra,
  };
}
