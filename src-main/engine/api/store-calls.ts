import type { EngineApi } from '../../contract/engine-api.ts';
import type { DiskUsage } from '../../contract/store-api.ts';
import { isDigest } from '../oci/digest.ts';
import { hostPlatform } from '../oci/platform.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';
import type { BuildRecords } from '../history/build-records.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Store } from '../store/store.ts';

/** The `store` area: the engine's state, and the care of the disk. */
export function createStoreCalls(parts: {
  readonly store: Store;
  readonly sandbox: Sandbox;
  readonly records: BuildRecords;
  readonly version: string;
  readonly runningBuilds: () => number;
}): EngineApi['store'] {
  const { store, sandbox, records } = parts;
  return {
    status: async () => ({
      version: parts.version,
      root: store.root,
      platform: hostPlatform(),
      sandbox: await sandbox.probe(),
      runningBuilds: parts.runningBuilds(),
    }),
    diskUsage: () => diskUsage(store, sandbox, records),
    prune: async ({ dryRun = false, cache = true, graceMs }, options = {}) => {
      const freed = cache ? await sandbox.prune({ cacheMounts: false, dryRun }) : { snapshots: 0, bytes: 0 };
      const result = await store.prune({ ...options, dryRun, cache, graceMs });
      const old = await records.bound({ dryRun });
      return {
        ...result,
        snapshots: freed.snapshots,
        buildRecords: old.records,
        freedBytes: result.freedBytes + freed.bytes + old.bytes,
      };
    },
    verify: async ({ digests }, options = {}) => {
      const result = await store.verify({ ...options, digests });
      const broken = result.broken.map((blob) => ({ ...blob, usedBy: blob.usedBy.map(familiarName) }));
      const brokenRecords = digests === undefined ? await records.verify(options) : [];
      return { ...result, broken, brokenRecords };
    },
  };
}

/** The store's own files and what RUN left; cache mounts are cache. */
async function diskUsage(store: Store, sandbox: Sandbox, records: BuildRecords): Promise<DiskUsage> {
  const own = await store.diskUsage();
  const { snapshotBytes, cacheMountBytes } = await sandbox.diskUsage();
  const recordBytes = await records.bytes();
  const old = await records.bound({ dryRun: true });
  const unused = await sandbox.prune({ cacheMounts: false, dryRun: true });
  return {
    ...own,
    snapshotBytes,
    recordBytes,
    cacheBytes: own.cacheBytes + cacheMountBytes,
    totalBytes: own.totalBytes + snapshotBytes + recordBytes + cacheMountBytes,
    reclaimableBytes: own.reclaimableBytes + unused.bytes + old.bytes,
  };
}

/** A tag as people write it; an untagged image's digest as it is. */
function familiarName(user: string): string {
  return isDigest(user) ? user : familiarReference(parseReference(user));
}
