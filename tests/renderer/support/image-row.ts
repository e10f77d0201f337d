import type { ImageRow, TagEvent } from '../../../src-main/contract/images-api.ts';
import type { Digest } from '../../../src-main/contract/oci-types.ts';

/** A digest of the same digit all along. */
export function digestOf(digit: string): Digest {
  return `sha256:${digit.repeat(64)}`;
}

/** A row of the image list as the engine tells it. */
export function imageRow(name: string | undefined, given: Partial<ImageRow> = {}): ImageRow {
  const [repository, tag] = (name ?? '').split(':');
  return {
    ...(name === undefined ? {} : { name, repository: repository ?? '', tag: tag ?? '' }),
    digest: digestOf('a'),
    imageId: digestOf('b'),
    platforms: [{ os: 'linux', architecture: 'amd64' }],
    parts: [],
    referrers: [],
    createdAt: '2026-11-20T10:00:00Z',
    sizeBytes: 1000,
    ...given,
  };
}

export function tagEvent(id: number, name: string, given: Partial<TagEvent> = {}): TagEvent {
  return { id, name, to: digestOf('a'), at: '2026-11-20T10:00:00Z', cause: 'tag', ...given };
}
