import type { Completion } from '../../contract/dockerfiles-api.ts';
import type { Stage } from '../dockerfile/dockerfile.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';
import { describeImage } from './describe-image.ts';
import type { Question } from './question.ts';
import { byDistance } from './rank-completions.ts';

const SCRATCH: Completion = {
  kind: 'image',
  label: 'scratch',
  insert: 'scratch',
  detail: 'nothing',
  documentation: 'An empty file system: for programs that need nothing else.',
  continues: false,
};

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

/** As many as one looks at: opening an image takes a moment, and the rest is described when it comes near. */
const DESCRIBED = 40;

/** The store's tags that answer to what is typed, best first. */
async function imageItems({ store, options }: Question, typed: string): Promise<Completion[]> {
  const tags = store.tags.list().map(({ name, digest }) => ({
    digest,
    label: familiarReference(parseReference(name)),
  }));
  const near = byDistance(tags, typed);
  const described = await Promise.all(
    near.slice(0, DESCRIBED).map(({ digest }) => describeImage(store, digest, options)),
  );
  return near.map(({ label }, at) => ({
    kind: 'image',
    label,
    insert: label,
    detail: described[at]?.size,
    documentation: described[at]?.platform,
    continues: false,
  }));
}

/** The stages above a line, the nearest first, then the store's images. */
export async function completeBases(
  question: Question,
  by: 'from' | 'copy' | 'mount',
  { line, typed }: { readonly line: number; readonly typed: string },
): Promise<Completion[]> {
  const { stages } = question.reading.dockerfile;
  const above = stages.filter(({ from }) => from.location.line < line);
  // A stage cannot copy from itself.
  const usable = by === 'from' ? above : above.slice(0, -1);
  const images = await imageItems(question, typed);
  question.checkSignal();
  const named = usable.toReversed().flatMap((stage) => stageItem(stage, by));
  return [...named, ...images, ...(by === 'from' ? [SCRATCH] : [])];
}
