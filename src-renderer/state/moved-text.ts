import type { Base } from '../../src-main/contract/builds-api.ts';
import { digestLook } from '../ui/digest-look.ts';

/** `moved a1b2c3d4e5f6 → 0a1b2c3d4e5f`: what a name stood for in the build before and in this one; empty where it stayed. */
export function movedText({ digest, before }: Base): string {
  return before === undefined ? '' : `moved ${digestLook(before).short} → ${digestLook(digest).short}`;
}
