import { z } from 'zod';
import { digestSchema, platformSchema } from '../../contract/oci-types.ts';

/** image-spec, descriptor.md. Unknown members are kept, so that writing again changes nothing. */
export const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: digestSchema,
  size: z.number().int().nonnegative(),
  annotations: z.record(z.string(), z.string()).optional(),
  urls: z.array(z.string()).optional(),
  artifactType: z.string().optional(),
  platform: z.looseObject({ ...platformSchema.shape }).optional(),
});

export type Descriptor = Readonly<z.output<typeof descriptorSchema>>;
