import type { Hover } from '../../contract/dockerfiles-api.ts';

/** A hover before it has its place. */
export type HoverText = Omit<Hover, 'location'>;
