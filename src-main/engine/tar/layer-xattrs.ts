import type { TarEntry } from './tar-entry.ts';

const CAPABILITY = 'security.capability';

/**
 * The extended attributes that a build keeps in a layer: file capabilities and no others, which is what BuildKit's
 * layers have. `user.*` and the rest stay behind on the machine that made them.
 */
export function layerXattrs(xattrs: TarEntry['xattrs']): TarEntry['xattrs'] {
  const value = xattrs.get(CAPABILITY);
  return value === undefined ? NONE : new Map([[CAPABILITY, value]]);
}

const NONE: TarEntry['xattrs'] = new Map();
