import type { BuildStatus } from '../../src-main/contract/build-records-api.ts';

const TEXTS: Readonly<Record<BuildStatus, string>> = {
  running: 'Running',
  succeeded: 'Built',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

/** How a build ended, for a reader. */
export function statusText(status: BuildStatus): string {
  return TEXTS[status];
}
