import { z } from 'zod';
import { EngineError } from '../../contract/errors.ts';
import { descriptorSchema } from './descriptor.ts';
import { parseDocument } from './parse-document.ts';

/** How deep image indexes may lie in each other (S8). */
export const MAX_INDEX_DEPTH = 4;
/** How many descriptors one image may lead to (S8). */
export const MAX_DESCRIPTORS = 10_000;

/** image-spec, image-index.md; Docker's manifest list has the same members. */
const imageIndexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z
    .array(descriptorSchema)
    .max(10_000)
    .nullable()
    .transform((manifests) => manifests ?? []),
  subject: descriptorSchema.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

export type ImageIndex = Readonly<z.output<typeof imageIndexSchema>>;

/** Parses an image index's bytes. Refuses a document that also claims to be a manifest (S6). */
export function parseImageIndex(bytes: Uint8Array): ImageIndex {
  const document = parseDocument(bytes, 'image index');
  if (Object.hasOwn(document, 'layers') || Object.hasOwn(document, 'config')) {
    throw new EngineError(
      'CORRUPT',
      'the image index also has "layers" or "config": it could be read in two ways',
    );
  }
  const parsed = imageIndexSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new EngineError('CORRUPT', `not an image index: ${z.prettifyError(parsed.error)}`);
}
