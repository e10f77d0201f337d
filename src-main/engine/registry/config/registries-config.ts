import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../../contract/errors.ts';
import type { Timeouts } from '../http/transport.ts';

const address = z.url({ protocol: /^https?$/ });

/** A registry by the name that stands in references: `docker.io`, `host:port`. */
const registrySettingsSchema = z.object({
  /** Asked first, in order, for what is pulled. */
  mirrors: z
    .array(
      z.union([
        address,
        z.object({ url: address, insecure: z.boolean().optional(), ca: z.string().optional() }),
      ]),
    )
    .optional(),
  /** Where the registry itself is, when its name does not say it. */
  endpoint: address.optional(),
  /** Plain http where it speaks no https, and any certificate. */
  insecure: z.boolean().optional(),
  /** Paths of PEM files. */
  ca: z.string().optional(),
  clientCertificate: z.string().optional(),
  clientKey: z.string().optional(),
  /** Neither it nor its mirrors are ever asked. */
  blocked: z.boolean().optional(),
});
export type RegistrySettings = Readonly<z.output<typeof registrySettingsSchema>>;

const seconds = z.number().positive().max(86_400);

/** How transfers are made, with every registry. */
const transferSettingsSchema = z.object({
  /** Blobs that one pull or push moves at once. */
  parallel: z.number().int().min(1).max(32).default(3),
  /** The most that one request of an upload carries; larger blobs go in several. */
  chunkMiB: z.number().positive().max(1_048_576).default(64),
  /** How often a request is made until it is given up. */
  attempts: z.number().int().min(1).max(100).default(6),
  connectSeconds: seconds.default(15),
  /** The longest time in which no byte moves. */
  stallSeconds: seconds.default(30),
  /** The most that is waited before the second try; doubled for each further one. */
  retrySeconds: seconds.default(1),
  /** Who asks to be left alone for longer is not waited for. */
  longestWaitSeconds: seconds.default(120),
});
export type TransferSettings = Readonly<z.output<typeof transferSettingsSchema>>;

export function timeoutsOf({ connectSeconds, stallSeconds }: TransferSettings): Timeouts {
  return { connectMs: connectSeconds * 1000, stallMs: stallSeconds * 1000 };
}

/** `registries.json` in the data folder; nothing is required to be in it. */
const registriesConfigSchema = z.object({
  registries: z.record(z.string(), registrySettingsSchema).default({}),
  transfers: transferSettingsSchema.prefault({}),
});
export type RegistriesConfig = Readonly<z.output<typeof registriesConfigSchema>>;

/** Reads `registries.json`; an absent file is an empty one, a wrong one is INVALID_INPUT that names the place. */
export async function readRegistriesConfig(root: string): Promise<RegistriesConfig> {
  const file = join(root, 'registries.json');
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '{}';
    throw new EngineError('IO', `cannot read ${file}`, { cause });
  });
  const parsed = registriesConfigSchema.safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data;
  throw new EngineError('INVALID_INPUT', `${file}: ${z.prettifyError(parsed.error)}`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError('INVALID_INPUT', `${file} is not JSON: ${String((cause as Error).message)}`, {
      cause,
    });
  }
}
