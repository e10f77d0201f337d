import { StateEffect, StateField, type Extension, type Text } from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';
import type { Token } from '../../../src-main/contract/dockerfiles-api.ts';
import { offsetAt } from './positions.ts';

/** Tells the editor the colours of the text that it has now. */
export const setTokens = StateEffect.define<readonly Token[]>();

/**
 * One decoration a kind, so that a token that stays is the same to the view. What is typed at a token's end takes
 * its colour until the engine has said better.
 */
const marks = new Map<Token['kind'], Decoration>();

function markOf(kind: Token['kind']): Decoration {
  const known = marks.get(kind) ?? Decoration.mark({ class: `cm-token-${kind}`, inclusiveEnd: true });
  marks.set(kind, known);
  return known;
}

function colour(doc: Text, tokens: readonly Token[]): DecorationSet {
  const ranges = tokens.map((token) => {
    const from = offsetAt(doc, token);
    const to = offsetAt(doc, { line: token.line, column: token.column + token.length });
    return { from, to, kind: token.kind };
  });
  return Decoration.set(
    ranges.filter(({ from, to }) => from < to).map(({ from, to, kind }) => markOf(kind).range(from, to)),
    true,
  );
}

/** Colours the text by the engine's tokens. Until new ones come, the old ones move with the text: nothing flickers. */
export const tokenColours: Extension = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(colours, transaction) {
    const told = transaction.effects.find((effect) => effect.is(setTokens));
    if (told === undefined) return colours.map(transaction.changes);
    return colour(transaction.state.doc, told.value as readonly Token[]);
  },
  provide: (field) => EditorView.decorations.from(field),
});
