import { z } from 'zod';
import { method } from './method.ts';
import { remoteApi } from './remote-api.ts';

const httpAddress = z.url({ protocol: /^https?$/ }).max(2048);
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
  /** Whether it may be plain http. */
  insecure: z.boolean(),
  /** A file with the certificate of the authority that its own is signed by. */
  ca: file.optional(),
});
export type RegistrySettings = Readonly<z.output<typeof registrySettingsSchema>>;

export const registryRowSchema = z.object({
  ...registrySettingsSchema.shape,
  registry: z.string(),
  /** Why it is known: always, from `registries.json`, or because images here name it. */
  origin: z.enum(['default', 'file', 'images']),
});
export type RegistryRow = Readonly<z.output<typeof registryRowSchema>>;

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
  ...remoteApi,
};
