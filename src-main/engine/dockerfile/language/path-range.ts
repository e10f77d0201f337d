import type { TextRange } from './text-range.ts';

/** The name in a path that an offset is in, up to the next slash. */
export function nameInPath(text: string, path: TextRange, offset: number): TextRange {
  const slash = text.lastIndexOf('/', offset - 1);
  const next = text.indexOf('/', offset);
  return {
    start: slash < path.start ? path.start : slash + 1,
    end: next < 0 || next > path.end ? path.end : next,
  };
}
