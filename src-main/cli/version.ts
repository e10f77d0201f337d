import manifest from '../../package.json' with { type: 'json' };

/** The version that package.json says. */
export function readVersion(): string {
  return manifest.version;
}
