import type { Base } from '../../src-main/contract/builds-api.ts';
import { digestLook } from '../ui/digest-look.ts';

/** `python:3.12-slim moved a1b2c3d4e5f6 → 0a1b2c3d4e5f since the build before`; empty for one that did not. */
export function movedText({ name, digest, before }: Base): string {
  if (before === undefined) return '';
  return `${name} moved ${digestLook(before).short} → ${digestLook(digest).short} since the build before`;
}
