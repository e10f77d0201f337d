import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../contract/errors.ts';

/** `registries.json` in the data folder: what DESIGN decided, and nothing is required to be in it. */
const registriesConfigSchema = z.object({
  registries: z
    .record(
      z.string(),
      z.object({
        mirrors: z.array(z.url({ protocol: /^https?$/ })).optional(),
        insecure: z.boolean().optional(),
        ca: z.string().optional(),
      }),
    )
    .default({}),
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
