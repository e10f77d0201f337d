import { StateEffect, StateField, type EditorState, type Extension, type Range } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  gutter,
  GutterMarker,
  WidgetType,
  type DecorationSet,
} from '@codemirror/view';
import type { Diagnostic } from '../../../src-main/contract/builds-api.ts';
import { rangeOf } from './positions.ts';

export interface ProblemMark {
  readonly from: number;
  readonly to: number;
  readonly problem: Diagnostic;
}

/** Tells the editor which problems its text has. */
export const setProblems = StateEffect.define<readonly Diagnostic[]>();

/** On an empty line there is nothing to underline. */
class PointWidget extends WidgetType {
  readonly #severity: Diagnostic['severity'];

  constructor(severity: Diagnostic['severity']) {
    super();
    this.#severity = severity;
  }

  toDOM(): HTMLElement {
    const point = document.createElement('span');
    point.className = `cm-problem-point ${this.#severity}`;
    return point;
  }
}

const marksField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    const told = transaction.effects.find((effect) => effect.is(setProblems));
    if (told === undefined) return marks.map(transaction.changes);
    const problems = told.value as readonly Diagnostic[];
    return Decoration.set(
      problems.map((problem) => markOf(transaction.state, problem)),
      true,
    );
  },
  provide: (field) => EditorView.decorations.from(field),
});

function markOf(state: EditorState, problem: Diagnostic): Range<Decoration> {
  const { severity } = problem;
  const { from, to } = atLeastOneCharacter(state, rangeOf(state.doc, problem.location));
  return from === to
    ? Decoration.widget({ widget: new PointWidget(severity), problem }).range(from)
    : Decoration.mark({ class: `cm-problem ${severity}`, problem }).range(from, to);
}

function atLeastOneCharacter(state: EditorState, range: ProblemRange): ProblemRange {
  if (range.from < range.to) return range;
  const line = state.doc.lineAt(range.from);
  const from = Math.max(line.from, Math.min(range.from, line.to - 1));
  return { from, to: Math.min(line.to, from + 1) };
}

type ProblemRange = Pick<ProblemMark, 'from' | 'to'>;

/** The problems whose marks touch a range, where editing has moved them to. */
export function problemsIn(state: EditorState, from: number, to: number): readonly ProblemMark[] {
  const found: ProblemMark[] = [];
  state.field(marksField).between(from, to, (start, end, { spec }) => {
    found.push({ from: start, to: end, problem: (spec as { problem: Diagnostic }).problem });
  });
  return found;
}

class ProblemSign extends GutterMarker {
  readonly #severity: Diagnostic['severity'];
  readonly #title: string;

  constructor(severity: Diagnostic['severity'], title: string) {
    super();
    this.#severity = severity;
    this.#title = title;
  }

  override eq(other: ProblemSign): boolean {
    return other.#severity === this.#severity && other.#title === this.#title;
  }

  override toDOM(): Node {
    const sign = document.createElement('div');
    sign.className = `cm-problem-sign ${this.#severity}`;
    sign.title = this.#title;
    return sign;
  }
}

function signOf(problems: readonly Diagnostic[]): ProblemSign | null {
  if (problems.length === 0) return null;
  const severity = problems.some((problem) => problem.severity === 'error') ? 'error' : 'warning';
  return new ProblemSign(severity, problems.map((problem) => problem.message).join('\n'));
}

/** Underlines problems and marks their first lines in the gutter; both move with the text. */
export const problemMarks: Extension = [
  marksField,
  gutter({
    class: 'cm-problem-signs',
    lineMarker(view, line) {
      const inLine = problemsIn(view.state, line.from, line.to).filter((mark) => mark.from >= line.from);
      return signOf(inLine.map((mark) => mark.problem));
    },
    lineMarkerChange: (update) => update.startState.field(marksField) !== update.state.field(marksField),
  }),
];
