import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export interface Installation {
  readonly version: string;
  readonly samplesFolder: string;
}

const packageSchema = z.object({ version: z.string() });

/** What lies around the code: `home` is a checkout or the asar of a package. */
export function readInstallation(home: string): Installation {
  const { version } = packageSchema.parse(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')));
  // A package keeps the samples beside its asar, from which folders cannot be copied.
  const samplesFolder = home.endsWith('.asar')
    ? join(home, '..', 'samples')
    : join(home, 'resources', 'samples');
  return { version, samplesFolder };
}
