import { cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../contract/errors.ts';

const samplesSchema = z.array(
  z.object({
    id: z.string().regex(/^[a-z0-9-]+$/),
    title: z.string(),
    description: z.string(),
    needsNetwork: z.boolean(),
  }),
);
export type Sample = z.output<typeof samplesSchema>[number];

/** The sample projects that ship with Varve; none when the folder is not there. */
export async function listSamples(folder: string | undefined): Promise<Sample[]> {
  if (folder === undefined) return [];
  return samplesSchema.parse(JSON.parse(await readFile(join(folder, 'samples.json'), 'utf8')));
}

/**
 * Copies a sample to `<root>/samples/<id>`, where it can be edited, and answers that folder. A copy that is already
 * there is kept as it is.
 */
export async function openSample(
  folder: string | undefined,
  root: string,
  id: string,
): Promise<{ path: string }> {
  const sample = (await listSamples(folder)).find((known) => known.id === id);
  if (folder === undefined || sample === undefined)
    throw new EngineError('NOT_FOUND', `there is no sample ${id}`);
  const path = join(root, 'samples', id);
  if (await stat(path).catch(() => undefined)) return { path };
  const aside = `${path}.${process.pid}`;
  try {
    await cp(join(folder, id), aside, { recursive: true });
    await rename(aside, path);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return { path };
}
