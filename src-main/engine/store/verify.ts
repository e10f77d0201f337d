import { cancelled, isEngineError } from '../../contract/errors.ts';
import type { Digest, TransferProgress } from '../../contract/oci-types.ts';
import type { LongOptions } from './blob-store.ts';
import { reachableBlobs, requiredBlobs } from './reachable-blobs.ts';
import { rootOf, type StoreParts } from './store-parts.ts';
import type { StoreVerified } from './store.ts';

export interface VerifyOptions extends LongOptions {
  readonly digests?: readonly Digest[] | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/**
 * Hashes every stored blob anew (or those given), and looks for blobs that an image needs and that are missing. What is
 * found broken counts as missing from then on, so that the next pull or build puts it again (R3); a blob that was
 * marked so and is whole counts again.
 */
export async function verify(parts: StoreParts, options: VerifyOptions): Promise<StoreVerified> {
  const users = imageUsers(parts);
  const wanted = options.digests === undefined ? allBlobs(parts, users) : [...new Set(options.digests)];
  const totalBytes = wanted.reduce((sum, digest) => sum + (parts.blobsTable.get(digest)?.sizeBytes ?? 0), 0);
  const broken = new Map<Digest, string>();
  let bytes = 0;
  for (const digest of wanted) {
    if (options.signal?.aborted === true) throw cancelled('verifying the store');
    const problem = await problemOf(
      parts,
      digest,
      (count) => {
        bytes += count;
        options.onProgress?.({ what: 'verifying', bytes, totalBytes });
      },
      options.signal,
    );
    if (problem !== undefined) broken.set(digest, problem);
  }
  note(parts, wanted, broken);
  return {
    checkedBlobs: wanted.length,
    checkedBytes: bytes,
    broken: [...broken].map(([digest, problem]) => ({ digest, problem, usedBy: usersOf(users, digest) })),
  };
}

async function problemOf(
  parts: StoreParts,
  digest: Digest,
  onBytes: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const row = parts.blobsTable.get(digest);
  if (row === undefined) return 'missing';
  try {
    const status = await parts.files.stat(parts.blobs.pathOf(digest));
    if (status !== undefined && status.sizeBytes > row.sizeBytes) return 'too long';
    for await (const chunk of parts.blobs.open(digest, { signal })) onBytes(chunk.length);
    return undefined;
  } catch (error) {
    if (isEngineError(error, 'NOT_FOUND')) return 'missing';
    if (isEngineError(error, 'CORRUPT')) return error.message.includes('shorter') ? 'cut off' : 'damaged';
    if (isEngineError(error, 'IO') || isEngineError(error, 'PERMISSION')) return 'unreadable';
    throw error;
  }
}

/** Keeps what was learnt: verified now, or broken. */
function note(parts: StoreParts, checked: readonly Digest[], broken: ReadonlyMap<Digest, string>): void {
  const verifiedAt = new Date(parts.now()).toISOString();
  const whole = checked.filter((digest) => !broken.has(digest)).map((digest) => parts.blobsTable.get(digest));
  parts.blobsTable.put(whole.filter((row) => row !== undefined).map((row) => ({ ...row, verifiedAt })));
  parts.blobsTable.markBroken([...broken.keys()]);
}

/** Each tag, and each image that no tag names, with all that it needs. */
type ImageUsers = ReadonlyMap<string, ReadonlySet<Digest>>;

function imageUsers(parts: StoreParts): ImageUsers {
  const tags = parts.tags.list();
  const tagged = new Set(tags.map((tag) => tag.digest));
  const untagged = parts.images.list().filter((image) => !tagged.has(image.digest));
  return new Map([
    ...tags.map((tag) => [tag.name, needsOf(parts, tag.digest)] as const),
    ...untagged.map((image) => [image.digest, needsOf(parts, image.digest)] as const),
  ]);
}

/** What an image needs, as far as its documents can be read; the damaged one is found when it is hashed. */
function needsOf(parts: StoreParts, digest: Digest): ReadonlySet<Digest> {
  const root = rootOf(parts.images, digest);
  const isPresent = (blob: Digest): boolean => parts.blobsTable.get(blob) !== undefined;
  try {
    return new Set([
      ...requiredBlobs(parts.documents, root, isPresent),
      ...[...reachableBlobs(parts, [root])].filter(isPresent),
    ]);
  } catch (error) {
    if (isEngineError(error)) return new Set([digest]);
    throw error;
  }
}

function allBlobs(parts: StoreParts, users: ImageUsers): readonly Digest[] {
  const stored = parts.blobsTable.list().map((row) => row.digest);
  return [...new Set([...stored, ...[...users.values()].flatMap((needs) => [...needs])])];
}

function usersOf(users: ImageUsers, digest: Digest): string[] {
  return [...users].filter(([, needs]) => needs.has(digest)).map(([name]) => name);
}
