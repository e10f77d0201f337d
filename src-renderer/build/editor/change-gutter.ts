import { StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state';
import { gutter, GutterMarker } from '@codemirror/view';
import { changedLines, type LineChanges } from '../../state/changed-lines.ts';

class ChangeMarker extends GutterMarker {
  readonly kind: 'added' | 'modified' | 'removed';
  readonly #title: string;

  constructor(kind: 'added' | 'modified' | 'removed', title: string) {
    super();
    this.kind = kind;
    this.#title = title;
  }

  override toDOM(): Node {
    const mark = document.createElement('div');
    mark.className = `cm-change ${this.kind}`;
    mark.title = this.#title;
    return mark;
  }
}

const MARKERS = {
  added: new ChangeMarker('added', 'Added since the last save'),
  modified: new ChangeMarker('modified', 'Changed since the last save'),
  removed: new ChangeMarker('removed', 'Lines removed here since the last save'),
};

interface Saved {
  readonly text: string;
  readonly changes: LineChanges;
}

/** Tells the gutter which text is on disk. */
export const setSavedText = StateEffect.define<string>();

const savedField = StateField.define<Saved>({
  create: (state) => compare('', state),
  update(value, transaction) {
    const told = transaction.effects.find((effect) => effect.is(setSavedText));
    if (told !== undefined) return compare(told.value as string, transaction.state);
    return transaction.docChanged ? compare(value.text, transaction.state) : value;
  },
});

function compare(text: string, state: EditorState): Saved {
  return { text, changes: changedLines(text, state.doc.toString()) };
}

/** A gutter that shows what changed since the last save. */
export const changeGutter: Extension = [
  savedField,
  gutter({
    class: 'cm-changes',
    lineMarker(view, line) {
      const { added, modified, removedAfter } = view.state.field(savedField).changes;
      const number = view.state.doc.lineAt(line.from).number;
      if (added.includes(number)) return MARKERS.added;
      if (modified.includes(number)) return MARKERS.modified;
      return removedAfter.includes(number - 1) ? MARKERS.removed : null;
    },
    lineMarkerChange: (update) => update.startState.field(savedField) !== update.state.field(savedField),
  }),
];
