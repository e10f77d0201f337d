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

/** Where a login lies: sealed by the system's keychain, with a credential helper, or as it is in a file. */
export const loginPlaceSchema = z.object({
  kind: z.enum(['keychain', 'helper', 'file']),
  /** For a person: the helper's program, or the path of the file, also of one that holds it sealed. */
  place: z.string(),
});
export type LoginPlace = Readonly<z.output<typeof loginPlaceSchema>>;

export const registryRowSchema = z.object({
  ...registrySettingsSchema.shape,
  registry: z.string(),
  /** Why it is known: always, from `registries.json`, because someone is logged in, or because images here name it. */
  origin: z.enum(['default', 'file', 'login', 'images']),
  /** Who is logged in, and where that is kept; a user without a name has a token alone. */
  login: z.object({ username: z.string(), kept: loginPlaceSchema }).optional(),
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

/** A registry as people write it, an address of docker's (`https://index.docker.io/v1/`) included. */
const writtenRegistry = z.string().min(1).max(2048);

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
  /**
   * Proves a user name and a password (or access token) at the registry, and keeps them only then: in the credential
   * helper that docker's or Podman's configuration names, else in the system's keychain where there is one, else in a
   * file that its owner alone can read. Without them, proves the login that is there already (NOT_FOUND when there is
   * none). UNAUTHORIZED when the registry refuses.
   */
  login: method({
    params: z.object({
      registry: writtenRegistry,
      username: z.string().min(1).max(1024).optional(),
      password: z
        .string()
        .min(1)
        .max(64 * 1024)
        .optional(),
    }),
    result: z.object({
      /** The host that the login counts for. */
      registry: z.string(),
      username: z.string(),
      kept: loginPlaceSchema,
      /** Why the window did not use the keychain, where it would have. */
      weakness: z.string().optional(),
    }),
    progress: none,
  }),
  /** Forgets a login that `login` kept. `remaining` is one of another program, which is used from then on. */
  logout: method({
    params: z.object({ registry: writtenRegistry }),
    result: z.object({
      registry: z.string(),
      removed: z.array(loginPlaceSchema),
      remaining: loginPlaceSchema.optional(),
    }),
    progress: none,
  }),
};
