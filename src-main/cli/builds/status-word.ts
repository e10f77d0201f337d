import type { BuildStatus } from '../../contract/build-records-api.ts';

/** docker's words, and one for what docker does not know. */
export const STATUS_WORDS: Readonly<Record<BuildStatus, string>> = {
  running: 'Running',
  succeeded: 'Completed',
  failed: 'Error',
  cancelled: 'Canceled',
  interrupted: 'Interrupted',
};
