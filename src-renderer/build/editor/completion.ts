import {
  autocompletion,
  pickedCompletion,
  startCompletion,
  type Completion as Option,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Completion } from '../../../src-main/contract/dockerfiles-api.ts';
import type { Completions, DockerfileQuestions } from '../../state/dockerfile-questions.ts';
import { positionAt, rangeOf } from './positions.ts';

/** What the letter before a completion stands for is told by its colour and, in words, to assistive technology. */
const SIGNS: Readonly<Record<Completion['kind'], readonly [letter: string, words: string]>> = {
  instruction: ['I', 'instruction'],
  flag: ['–', 'flag'],
  value: ['=', 'value'],
  directive: ['#', 'directive'],
  stage: ['S', 'stage'],
  image: ['B', 'base image'],
  variable: ['$', 'variable'],
  file: ['f', 'file'],
  folder: ['/', 'folder'],
  user: ['u', 'user'],
};

/** Plain letters only narrow what was answered; anything else may mean another place in the language. */
const SAME_WORD = /^\w*$/;
/** So that keys that come at once are one question. */
const ASK_AFTER_MS = 20;
const STRONGEST_BOOST = 99;

/** Completions from the engine, as one types and when asked. */
export function completion(questions: DockerfileQuestions): Extension {
  return autocompletion({
    override: [(context) => complete(questions, context)],
    icons: false,
    activateOnTypingDelay: ASK_AFTER_MS,
    optionClass: () => 'cm-option',
    addToOptions: [{ render: (option) => signOf(option.type as Completion['kind']), position: 20 }],
  });
}

async function complete(
  questions: DockerfileQuestions,
  context: CompletionContext,
): Promise<CompletionResult | null> {
  const { doc } = context.state;
  context.addEventListener('abort', () => questions.stopCompleting(), { onDocChange: true });
  const answer = await questions.complete(positionAt(doc, context.pos));
  if (answer === undefined || context.aborted) return null;
  const { from, to } = rangeOf(doc, answer.replace);
  if (isWritten(answer, doc.sliceString(from, to)) && !context.explicit) return null;
  return {
    from,
    to,
    options: answer.items.map(optionOf),
    ...(answer.incomplete ? {} : { validFor: SAME_WORD }),
  };
}

/** Nothing is offered where all there is to offer stands there already. */
function isWritten({ items }: Completions, text: string): boolean {
  return items.every((item) => item.insert === text);
}

/** The engine's order decides among those that match equally well. */
function optionOf(item: Completion, index: number): Option {
  return {
    label: item.label,
    type: item.kind,
    boost: Math.max(-STRONGEST_BOOST, STRONGEST_BOOST - index),
    apply: (view, option, from, to) => insert(view, item, option, { from, to }),
    ...detailOf(item),
    ...(item.documentation === undefined ? {} : { info: item.documentation }),
  };
}

/** A detail that says how a word is written begins with the word, which stands beside it already. */
function detailOf({ label, detail }: Completion): { detail?: string } {
  if (detail === undefined) return {};
  return { detail: detail.startsWith(label) ? detail.slice(label.length).trim() : detail };
}

function insert(
  view: EditorView,
  item: Completion,
  option: Option,
  range: { readonly from: number; readonly to: number },
): void {
  view.dispatch({
    changes: { ...range, insert: item.insert },
    selection: { anchor: range.from + item.insert.length },
    scrollIntoView: true,
    userEvent: 'input.complete',
    annotations: pickedCompletion.of(option),
  });
  if (item.continues) startCompletion(view);
}

function signOf(kind: Completion['kind']): Node {
  const [letter, words] = SIGNS[kind];
  const sign = document.createElement('span');
  sign.className = `cm-kind cm-kind-${kind}`;
  sign.textContent = letter;
  sign.title = words;
  sign.setAttribute('aria-hidden', 'true');
  return sign;
}
