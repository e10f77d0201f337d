import { createHash } from 'node:crypto';

/** The name of a cache mount on disk and among all: nothing of a user's text is ever a path (S3). */
export function cacheMountId(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}
