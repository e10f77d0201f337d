import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin, type DecorationSet } from '@codemirror/view';
import type { DockerfileSymbol } from '../../../src-main/contract/dockerfiles-api.ts';
import type { DockerfileQuestions } from '../../state/dockerfile-questions.ts';
import { hasMainModifier, isMainModifier } from '../../ui/shortcuts.ts';
import { positionAt, rangeOf } from './positions.ts';
import { say } from './say.ts';
import { selectLocation } from './select-location.ts';

interface Range {
  readonly from: number;
  readonly to: number;
}

const setLink = StateEffect.define<Range | null>();
const link = Decoration.mark({ class: 'cm-link' });

const linkField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, { effects, docChanged }) {
    const told = effects.find((effect) => effect.is(setLink));
    if (told === undefined) return docChanged ? Decoration.none : shown;
    const range = told.value as Range | null;
    return range === null ? Decoration.none : Decoration.set([link.range(range.from, range.to)]);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** While the main modifier is held, underlines what under the pointer leads somewhere. */
class LinkUnderPointer {
  readonly #view: EditorView;
  readonly #questions: DockerfileQuestions;
  #pointer: { readonly x: number; readonly y: number } | undefined;

  constructor(view: EditorView, questions: DockerfileQuestions) {
    this.#view = view;
    this.#questions = questions;
  }

  moved(event: MouseEvent): void {
    this.#pointer = { x: event.clientX, y: event.clientY };
    if (hasMainModifier(event)) void this.#show();
    else this.hide();
  }

  held(event: KeyboardEvent): void {
    if (isMainModifier(event)) void this.#show();
  }

  released(event: KeyboardEvent): void {
    if (isMainModifier(event)) this.hide();
  }

  left(): void {
    this.#pointer = undefined;
    this.hide();
  }

  hide(): void {
    if (this.#view.state.field(linkField).size === 0) return;
    this.#view.dispatch({ effects: setLink.of(null) });
  }

  async #show(): Promise<void> {
    const at = this.#pointer && this.#view.posAtCoords(this.#pointer);
    if (at == null) return;
    const { doc } = this.#view.state;
    const symbol = await this.#questions.symbol(positionAt(doc, at), 'definition');
    if (symbol === undefined || this.#view.state.doc !== doc) return;
    if (symbol?.definition === undefined) this.hide();
    else this.#view.dispatch({ effects: setLink.of(rangeOf(doc, symbol.location)) });
  }
}

/** Follows a stage or variable to where it is defined, by main modifier and click. */
export function definitionLinks(questions: DockerfileQuestions): Extension {
  const pointer = ViewPlugin.define((view) => new LinkUnderPointer(view, questions), {
    eventHandlers: {
      mousemove(event) {
        this.moved(event);
      },
      mouseleave() {
        this.left();
      },
      keydown(event) {
        this.held(event);
      },
      keyup(event) {
        this.released(event);
      },
      mousedown(event, view) {
        const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
        if (!hasMainModifier(event) || event.button !== 0 || at === null) return false;
        event.preventDefault();
        this.hide();
        void followClick(view, questions, at);
        return true;
      },
    },
  });
  return [linkField, pointer];
}

export function goToDefinition(view: EditorView, questions: DockerfileQuestions): boolean {
  void follow(view, questions, view.state.selection.main.head, (symbol) => say(view, whyNowhere(symbol)));
  return true;
}

/** Where a click leads nowhere it puts the cursor there, as any other. */
async function followClick(view: EditorView, questions: DockerfileQuestions, at: number): Promise<void> {
  await follow(view, questions, at, () => view.dispatch({ selection: { anchor: at } }));
  view.focus();
}

async function follow(
  view: EditorView,
  questions: DockerfileQuestions,
  at: number,
  otherwise: (symbol: DockerfileSymbol | null) => void,
): Promise<void> {
  const { doc } = view.state;
  const symbol = await questions.symbol(positionAt(doc, at), 'definition');
  if (symbol === undefined || view.state.doc !== doc) return;
  if (symbol?.definition === undefined) otherwise(symbol);
  else selectLocation(view, symbol.definition);
}

function whyNowhere(symbol: DockerfileSymbol | null): string {
  return symbol === null
    ? 'No stage or variable is named here.'
    : `${symbol.name} is not defined in this file.`;
}
