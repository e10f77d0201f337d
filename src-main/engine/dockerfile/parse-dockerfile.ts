import type { Dockerfile } from './dockerfile.ts';
import { readDockerfile } from './read-dockerfile.ts';

/**
 * Parses a Dockerfile and accepts what BuildKit accepts. Throws an EngineError DOCKERFILE with location and
 * hint for the first thing that is wrong; `checkDockerfile` tells all of them, and warnings.
 */
export function parseDockerfile(text: string, options: { readonly file: string }): Dockerfile {
  const { dockerfile, errors } = readDockerfile(text, options.file);
  if (errors[0] !== undefined) throw errors[0];
  return dockerfile;
}
