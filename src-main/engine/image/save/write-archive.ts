import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cancelled, EngineError } from '../../../contract/errors.ts';
import type { Store } from '../../store/store.ts';
import { archiveBytes, type SaveOptions } from './archive-bytes.ts';

/** Writes an archive of these images to a stream (standard output) and ends it. */
export async function writeArchive(
  store: Store,
  refs: readonly string[],
  target: Writable,
  options: SaveOptions,
): Promise<void> {
  try {
    const source = Readable.from(archiveBytes(store, refs, options), { objectMode: false });
    await pipeline(source, target, options.signal === undefined ? {} : { signal: options.signal });
  } catch (error) {
    if (options.signal?.aborted === true) throw cancelled('saving');
    if (error instanceof EngineError) throw error;
    throw new EngineError('IO', 'the archive could not be written to its end', { cause: error });
  }
}
