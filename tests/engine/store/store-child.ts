/**
 * A process of its own that works on a store, for tests that kill it or let several compete:
 * `node store-child.ts ROOT TASK [ARGUMENT]`. It prints a line when it is ready and one when it is done.
 */
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import { parseReference } from '../../../src-main/engine/oci/reference.ts';
import type { FileSystem } from '../../../src-main/engine/store/file-system.ts';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { faultyFileSystem } from './faulty-file-system.ts';

const [root = '', task = '', argument = ''] = process.argv.slice(2);

/** An image of two blobs: a test goes through all that happens to each. */
async function putAndTag(store: Store, name: string, text: string): Promise<void> {
  await using _lease = store.lease('a test');
  const layer = await store.blobs.put(Buffer.from(`layer ${text}`.repeat(1000)));
  const manifest = await store.blobs.put(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        config: { mediaType: MEDIA_TYPES.ociConfig, digest: layer.digest, size: layer.sizeBytes },
        layers: [],
      }),
    ),
  );
  store.images.add({ ...manifest, mediaType: MEDIA_TYPES.ociManifest });
  store.tags.move([{ reference: parseReference(name), digest: manifest.digest }], 'build');
}

const tasks: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  /** Puts images and moves one tag between them, many times. */
  compete: async (store) => {
    for (let i = 0; i < 25; i++) {
      await putAndTag(store, 'shared:1', `same ${i % 5}`);
      await putAndTag(store, `own-${argument}:${i}`, `own ${argument} ${i}`);
    }
  },
  /** Puts one image and tags it. */
  put: (store) => putAndTag(store, 'app:2', 'new'),
  prune: async (store) => void (await store.prune({ dryRun: false, cache: true, graceMs: 0 })),
  /** Prunes again and again. */
  'prune-often': async (store) => {
    for (let i = 0; i < 30; i++) await store.prune({ dryRun: false, cache: true, graceMs: 0 });
  },
  /** Writes into an ingest until it is killed. */
  ingest: async (store) => {
    const lease = store.lease('an endless pull');
    const ingest = await store.blobs.ingest();
    lease.add([(await store.blobs.put(Buffer.from('leased'))).digest]);
    for (let i = 0; ; i++) {
      await ingest.write(Buffer.alloc(1024 * 1024, i));
      if (i === 2) console.log('writing');
    }
  },
  /** Receives three MiB of a blob of zeros, and then waits until it is killed. */
  receive: async (store) => {
    const blob = await store.blobs.receive(argument as Digest);
    for (let i = 0; i < 3; i++) await blob?.write(Buffer.alloc(1024 * 1024));
    console.log('waiting');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  /** Holds a lease on a blob until it is killed. */
  hold: async (store) => {
    store.lease('a build').add([(await store.blobs.put(Buffer.from('leased'))).digest]);
    console.log('holding');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  /** Moves a tag once it is told to. */
  'tag-on-input': async (store) => {
    console.log('ready');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    await putAndTag(store, 'other:1', 'other');
    process.stdin.destroy();
  },
};

/**
 * `put@` and `prune@` with the argument 7 kill the process at its seventh call to the file system after opening;
 * `open@` at the seventh while it opens.
 */
async function main(): Promise<void> {
  const killAt = Number(argument);
  const faults = task.endsWith('@') ? faultyFileSystem() : undefined;
  const options: { fileSystem?: FileSystem } = faults === undefined ? {} : { fileSystem: faults.fileSystem };
  const kill = (): void => void process.kill(process.pid, 'SIGKILL');
  if (task === 'open@') faults?.arm(killAt, kill);
  const store = await openStore({ root, ...options });
  if (task !== 'open@') faults?.arm(killAt, kill);
  await tasks[task.replace('@', '')]?.(store);
  console.log(`done after ${faults?.calls() ?? 0} calls`);
  await store.close();
}

await main();
