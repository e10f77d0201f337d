import type { Completion } from '../../contract/dockerfiles-api.ts';
import type { Stage } from '../dockerfile/dockerfile.ts';
import { imageRows } from '../image/image-rows.ts';
import { formatBytes } from './format-bytes.ts';
import type { Question } from './question.ts';

function stageItem(stage: Stage, by: 'from' | 'copy' | 'mount'): readonly Completion[] {
  const { as, image, location } = stage.from;
  const detail = `FROM ${image.text}`;
  const documentation = `The stage that begins on line ${location.line}.`;
  const item = { kind: 'stage', detail, documentation, continues: false } as const;
  if (as !== undefined) {
    // FROM finds a stage only by its name in lower case.
    const name = by === 'from' ? as.name.text.toLowerCase() : as.name.text;
    return [{ ...item, label: name, insert: name }];
  }
  return by === 'copy' ? [{ ...item, label: String(stage.index), insert: String(stage.index) }] : [];
}

/** The stages above a line, the nearest first, then the store's images by name. */
export async function completeBases(
  question: Question,
  by: 'from' | 'copy' | 'mount',
  line: number,
): Promise<Completion[]> {
  const { stages } = question.reading.dockerfile;
  const above = stages.filter(({ from }) => from.location.line < line);
  // A stage cannot copy from itself.
  const usable = by === 'from' ? above : above.slice(0, -1);
  const rows = await imageRows(question.store, {});
  question.checkSignal();
  const images = rows.flatMap(({ name, sizeBytes, platforms }): Completion[] => {
    if (name === undefined) return [];
    const detail = formatBytes(sizeBytes);
    const documentation = platforms.map(({ os, architecture }) => `${os}/${architecture}`).join(', ');
    return [{ kind: 'image', label: name, insert: name, detail, documentation, continues: false }];
  });
  const scratch: Completion = {
    kind: 'image',
    label: 'scratch',
    insert: 'scratch',
    detail: 'nothing',
    documentation: 'An empty file system: for programs that need nothing else.',
    continues: false,
  };
  const named = usable.toReversed().flatMap((stage) => stageItem(stage, by));
  return [...named, ...images, ...(by === 'from' ? [scratch] : [])];
}
