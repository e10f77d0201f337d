import { z } from 'zod';
import { EngineError } from '../../contract/errors.ts';
import { descriptorSchema } from './descriptor.ts';
import { parseDocument } from './parse-document.ts';

/** image-spec, manifest.md; Docker's schema 2 has the same members. */
const manifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: descriptorSchema,
  layers: z
    .array(descriptorSchema)
    .max(10_000)
    .nullable()
    .transform((layers) => layers ?? []),
  subject: descriptorSchema.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

export type Manifest = Readonly<z.output<typeof manifestSchema>>;

/** Parses a manifest's bytes. Refuses a document that also claims to be an index (S6). */
export function parseManifest(bytes: Uint8Array): Manifest {
  const document = parseDocument(bytes, 'manifest');
  if (Object.hasOwn(document, 'manifests')) {
    throw new EngineError('CORRUPT', 'the manifest also has "manifests": it could be read in two ways');
  }
  const parsed = manifestSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new EngineError('CORRUPT', `not an image manifest: ${z.prettifyError(parsed.error)}`);
}

/** What a registry keeps of an image, in bytes: each blob once, and the manifest itself. */
export function bytesInRegistry({ config, layers }: Manifest, manifestBytes: number): number {
  const blobs = new Map([config, ...layers].map(({ digest, size }) => [digest, size]));
  return [...blobs.values()].reduce((sum, size) => sum + size, manifestBytes);
}
