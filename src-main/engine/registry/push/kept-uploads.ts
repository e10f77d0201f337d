import { z } from 'zod';
import type { Digest } from '../../../contract/oci-types.ts';
import { getJsonRecord, putJsonRecord } from '../../store/json-record.ts';
import type { Store } from '../../store/store.ts';

/** Disposable: losing it costs an upload that begins anew. */
const KIND = 'upload';

/** How long an unfinished upload is worth asking for: registries sweep them after a day or some. */
const MAX_AGE_MS = 24 * 60 * 60_000;

const keptSchema = z.object({ location: z.url(), startedAt: z.number() });

/** Where the upload of one blob to one repository stands, so that another process can go on with it. */
export interface KeptUpload {
  /** Where to go on; undefined when nothing is known, or when it is too old. */
  get(): URL | undefined;
  set(location: URL): void;
  forget(): void;
}

/** `place` names the endpoint and the repository. */
export function keptUpload(store: Store, place: string, digest: Digest): KeptUpload {
  const key = `${place} ${digest}`;
  let startedAt = Date.now();
  let isKept = false;
  return {
    get: () => {
      const kept = getJsonRecord(store, KIND, key, keptSchema);
      if (kept === undefined) return undefined;
      isKept = true;
      if (Date.now() - kept.startedAt > MAX_AGE_MS) return undefined;
      startedAt = kept.startedAt;
      return new URL(kept.location);
    },
    set: (location) => {
      putJsonRecord(store, KIND, key, { location: location.href, startedAt });
      isKept = true;
    },
    forget: () => {
      if (isKept) store.records.delete(KIND, key);
      isKept = false;
      startedAt = Date.now();
    },
  };
}
