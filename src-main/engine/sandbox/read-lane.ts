import { cancelled } from '../../contract/errors.ts';
import type { LongOptions } from '../store/blob-store.ts';
import { isAborted } from './is-aborted.ts';
import type { Lane } from './open-lane.ts';
import { toolFailed } from './run-tool.ts';

/**
 * Runs a tool in a lane and gives what it writes; the last step rejects when it failed. However the reading ends, the
 * tool has ended then. The redirection stands behind the command: dash drops that of a subshell, so it is none.
 */
export async function* readLane(
  lane: Lane,
  command: string,
  { what, signal }: LongOptions & { readonly what: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  if (isAborted(signal)) throw cancelled(what);
  const { stdout, stderr, redirection } = lane.listen();
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const ended = lane.call(`${command} ${redirection}`);
  ended.catch(() => undefined);
  try {
    yield* stdout as AsyncIterable<Uint8Array>;
    const { status } = await ended;
    if (status !== 0) throw toolFailed(what, complaint.trim());
  } catch (error) {
    throw isAborted(signal) ? cancelled(what) : error;
  } finally {
    stdout.destroy();
    await ended.catch(() => undefined);
  }
}
