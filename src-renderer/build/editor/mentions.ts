import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from '@codemirror/view';
import type { SourceLocation } from '../../../src-main/contract/errors.ts';
import type { DockerfileQuestions } from '../../state/dockerfile-questions.ts';
import { positionAt, rangeOf } from './positions.ts';

/** The cursor rests so long before the engine is asked: moving through a file asks nothing. */
const REST_MS = 120;

const setMentions = StateEffect.define<readonly SourceLocation[]>();
const mention = Decoration.mark({ class: 'cm-mention' });

const mentionsField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(mentions, { effects, changes, state }) {
    const told = effects.find((effect) => effect.is(setMentions));
    if (told === undefined) return mentions.map(changes);
    const ranges = (told.value as readonly SourceLocation[]).map((location) => rangeOf(state.doc, location));
    return Decoration.set(
      ranges.filter(({ from, to }) => from < to).map(({ from, to }) => mention.range(from, to)),
      true,
    );
  },
  provide: (field) => EditorView.decorations.from(field),
});

class MentionsAtCursor {
  readonly #view: EditorView;
  readonly #questions: DockerfileQuestions;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView, questions: DockerfileQuestions) {
    this.#view = view;
    this.#questions = questions;
  }

  update(update: ViewUpdate): void {
    if (!update.docChanged && !update.selectionSet) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), REST_MS);
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const { state } = this.#view;
    const { main } = state.selection;
    const symbol = main.empty
      ? await this.#questions.symbol(positionAt(state.doc, main.head), 'mentions')
      : null;
    if (symbol === undefined || this.#view.state.doc !== state.doc) return;
    this.#view.dispatch({ effects: setMentions.of(symbol?.mentions ?? []) });
  }
}

/** Shows every place where the stage or variable at the cursor is meant. */
export function mentions(questions: DockerfileQuestions): Extension {
  return [mentionsField, ViewPlugin.define((view) => new MentionsAtCursor(view, questions))];
}
