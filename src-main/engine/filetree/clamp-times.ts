import type { LayerWriter } from './layer-writer.ts';

/** A writer whose entries are none younger than `latest` (seconds since 1970); without one, the writer as it is. */
export function clampTimes(writer: LayerWriter, latest: number | undefined): LayerWriter {
  if (latest === undefined) return writer;
  return {
    add: (entry, content) => writer.add(entry.mtime > latest ? { ...entry, mtime: latest } : entry, content),
    get progress() {
      return writer.progress;
    },
    commit: () => writer.commit(),
    abort: () => writer.abort(),
  };
}
