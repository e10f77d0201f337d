import { createHash } from 'node:crypto';
import { DIGEST_PATTERN, type Digest } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';

/** Parses a digest (image-spec, descriptor.md#digests). Only what passes here may form a path or a URL (S7). */
export function parseDigest(text: string): Digest {
  if (DIGEST_PATTERN.test(text)) return text as Digest;
  throw new EngineError('INVALID_INPUT', `not a digest: ${JSON.stringify(text.slice(0, 150))}`, {
    hint: 'A digest is sha256: and 64 hex digits.',
  });
}

export function isDigest(text: string): text is Digest {
  return DIGEST_PATTERN.test(text);
}

/** The sha256 digest of these bytes. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export type DigestAlgorithm = 'sha256' | 'sha512';

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha256:') ? 'sha256' : 'sha512';
}

/** The hex digits of a digest, for a path or a short form. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** Hashes bytes as they pass. */
export interface Digester {
  update(bytes: Uint8Array): void;
  /** Ends the hashing; call once. */
  digest(): Digest;
}

export function createDigester(algorithm: DigestAlgorithm = 'sha256'): Digester {
  const hash = createHash(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => `${algorithm}:${hash.digest('hex')}` as Digest,
  };
}
