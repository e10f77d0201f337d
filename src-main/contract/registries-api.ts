import { z } from 'zod';
import { fileRowSchema } from './files-api.ts';
import { method } from './method.ts';
import { digestSchema, transferProgressSchema } from './oci-types.ts';
import { remoteApi } from './remote-api.ts';

const httpAddress = z.url({ protocol: /^https?$/ }).max(2048);
const ref = z.string().min(1).max(4096);
const file = z.string().min(1).max(4096);
/** A registry as names have it: `docker.io`, `ghcr.io`, `localhost:5000`. */
const registry = z
  .string()
  .max(300)
  .regex(/^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/);

/** A server that is asked before the registry itself. */
export const mirrorSchema = z.object({
  url: httpAddress,
  /** Whether any certificate of it will do. */
  insecure: z.boolean().optional(),
  /** A file with the authority that signs its certificate. */
  ca: file.optional(),
});
export type Mirror = Readonly<z.output<typeof mirrorSchema>>;

/** How a registry is reached: what `registries.json` says of it. */
export const registrySettingsSchema = z.object({
  /** Asked in this order for what is pulled; nothing is pushed to them. */
  mirrors: z.array(mirrorSchema).max(32),
  /** Where the registry itself is, when it is not at its name. */
  endpoint: httpAddress.optional(),
  /** Plain http where it speaks no https, and any certificate. */
  insecure: z.boolean(),
  /** Files: the certificate of the authority that signed the registry's, and our own with its key. */
  ca: file.optional(),
  clientCertificate: file.optional(),
  clientKey: file.optional(),
  /** Neither it nor its mirrors are ever asked. */
  blocked: z.boolean().optional(),
});
export type RegistrySettings = Readonly<z.output<typeof registrySettingsSchema>>;

export const registryRowSchema = z.object({
  ...registrySettingsSchema.shape,
  registry: z.string(),
  /** Why it is known: always, from `registries.json`, or because images here name it. */
  origin: z.enum(['default', 'file', 'images']),
});
export type RegistryRow = Readonly<z.output<typeof registryRowSchema>>;

export const registryCheckSchema = z.object({
  /** Whether a server answered as a registry does. */
  reachable: z.boolean(),
  /** Whether it took who we are: anyone, where no login is kept. */
  authenticated: z.boolean(),
  ms: z.number(),
  /** The server that was asked last: the one that answered, if any did. */
  endpoint: z.string(),
  /** What is wrong with it, or with a mirror that was asked before it. */
  problem: z.string().optional(),
});
export type RegistryCheck = Readonly<z.output<typeof registryCheckSchema>>;

const none = z.never();

/** Registries: how they are reached, and what is in them. */
export const registriesApi = {
  /**
   * docker.io, then those known otherwise, by name. INVALID_INPUT that names the place when `registries.json` is wrong.
   */
  list: method({ params: z.object({}), result: z.array(registryRowSchema), progress: none }),
  /**
   * Writes what `registries.json` says of one registry, whole or not at all. What else is in the file stays as it is; a
   * file that is wrong is not written over (INVALID_INPUT).
   */
  set: method({
    params: z.object({ registry, settings: registrySettingsSchema }),
    result: z.object({}),
    progress: none,
  }),
  /** Takes a registry out of `registries.json`; `removed` tells whether it was there. */
  remove: method({
    params: z.object({ registry }),
    result: z.object({ removed: z.boolean() }),
    progress: none,
  }),
  /** Asks a registry, mirrors first, whether it is there and knows us. What goes wrong is an answer, not an error. */
  check: method({ params: z.object({ registry }), result: registryCheckSchema, progress: none }),
  /**
   * Children of one folder of a layer that is at a registry, in name order, folders first. `ref` names any image of the
   * repository. Contents are passed over where the layer's form and the registry allow; what was seen is kept, so that
   * it is asked for once. Of a layer alone nothing is known below it: what it removes is `removed`, all else
   * `unmodified`. LIMIT_EXCEEDED when more than `maxBytes` would have to be transferred; with 0 only what is kept.
   */
  layerFiles: method({
    params: z.object({
      ref,
      layer: digestSchema,
      path: z.string().default('/'),
      offset: z.number().int().nonnegative().default(0),
      limit: z.number().int().positive().max(10_000).default(1000),
      maxBytes: z.number().int().nonnegative().default(1_000_000_000),
    }),
    result: z.object({
      rows: z.array(fileRowSchema),
      total: z.number(),
      /** Whether all of the layer was read and is what its digest says; else the registry is believed. */
      isProved: z.boolean(),
      /** What the registry sent for it; 0 when the layer is, or was, here. */
      fetchedBytes: z.number(),
    }),
    progress: transferProgressSchema,
  }),
  ...remoteApi,
};
