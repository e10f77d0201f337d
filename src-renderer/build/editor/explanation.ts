import { completionStatus } from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import {
  closeHoverTooltips,
  EditorView,
  hasHoverTooltips,
  hoverTooltip,
  keymap,
  type Tooltip,
} from '@codemirror/view';
import type { Hover } from '../../../src-main/contract/dockerfiles-api.ts';
import type { Fix, SourceLocation } from '../../../src-main/contract/errors.ts';
import { changeText } from './change-text.ts';
import type { EditorHost } from './editor-host.ts';
import ExplanationCard from './explanation-card.svelte';
import { describeForecastStep } from '../../state/describe-forecast.ts';
import { forecastAt, type ToldForecast } from './forecast-field.ts';
import { mountedTooltip } from './mounted-tooltip.ts';
import { closePopup, hasPopup, openPopup } from './popup.ts';
import { positionAt, rangeOf } from './positions.ts';
import { problemsIn, type ProblemMark } from './problem-marks.ts';
import { say } from './say.ts';
import { selectLocation } from './select-location.ts';

const HOVER_MS = 300;

/** One card for what is under the pointer: its problems with their fixes, and what the word there means. */
export function explanation(host: EditorHost): Extension {
  return [
    hoverTooltip((view, at) => cardUnderPointer(view, host, at), {
      hoverTime: HOVER_MS,
      hideOn: (transaction) => transaction.docChanged,
    }),
    keymap.of([{ key: 'Escape', run: closeHover }]),
  ];
}

/** Shows the same card for what is at the cursor, with the forecast of its instruction, until the cursor moves. */
export function explainCursor(view: EditorView, host: EditorHost): boolean {
  void showAtCursor(view, host);
  return true;
}

/** Puts the cursor where a problem begins and shows its card. */
export function explainLocation(view: EditorView, host: EditorHost, location: SourceLocation): void {
  selectLocation(view, location, 'start');
  explainCursor(view, host);
}

async function showAtCursor(view: EditorView, host: EditorHost): Promise<void> {
  const { selection } = view.state;
  const forecast = forecastAt(view.state, selection.main.head);
  const card = await cardAt(view, host, selection.main.head, forecast);
  if (!view.state.selection.eq(selection)) return;
  if (card === null) return say(view, 'There is nothing to explain here.');
  // A card is hidden where its text has been scrolled away.
  view.dispatch({ effects: EditorView.scrollIntoView(card.pos) });
  openPopup(view, card);
  const problems = problemsIn(view.state, card.pos, card.pos).map((mark) => mark.problem.message);
  const messages = [...problems, ...(forecast?.steps ?? []).map(describeForecastStep)];
  view.dispatch({ effects: EditorView.announce.of(messages.join('. ')) });
}

/** An answer that comes after the pointer has left, or while the person answers something else, is not shown. */
async function cardUnderPointer(view: EditorView, host: EditorHost, at: number): Promise<Tooltip | null> {
  const isWelcome = (): boolean =>
    view.dom.matches(':hover') && !hasPopup(view.state) && completionStatus(view.state) !== 'active';
  if (!isWelcome()) return null;
  const card = await cardAt(view, host, at);
  return isWelcome() ? card : null;
}

function closeHover(view: EditorView): boolean {
  if (!hasHoverTooltips(view.state)) return false;
  view.dispatch({ effects: closeHoverTooltips });
  return true;
}

async function cardAt(
  view: EditorView,
  { document, openLink }: EditorHost,
  at: number,
  forecast?: ToldForecast,
): Promise<Tooltip | null> {
  const { doc } = view.state;
  const hover = (await document.questions.hover(positionAt(doc, at))) ?? undefined;
  if (view.state.doc !== doc) return null;
  const marks = problemsIn(view.state, at, at);
  if (hover === undefined && marks.length === 0 && forecast === undefined) return null;
  const onfix = (fix: Fix): void => {
    changeText(view, document.editsOf(fix), 'fix');
    view.focus();
  };
  const onclose = (): void => {
    closePopup(view);
    closeHover(view);
  };
  const problems = marks.map((mark) => mark.problem);
  const props = { problems, hover, forecast, onfix, onlink: openLink, onclose };
  return {
    ...placeOf(view, at, marks, hover),
    above: true,
    create: () => mountedTooltip(ExplanationCard, props),
  };
}

/** Where all that the card says holds: it closes once the pointer leaves that. */
function placeOf(
  { state }: EditorView,
  at: number,
  marks: readonly ProblemMark[],
  hover: Hover | undefined,
): { pos: number; end: number } {
  const ranges = [...marks, ...(hover === undefined ? [] : [rangeOf(state.doc, hover.location)])];
  if (ranges.length === 0) return { pos: at, end: at };
  return {
    pos: Math.max(...ranges.map((range) => range.from)),
    end: Math.min(...ranges.map((range) => range.to)),
  };
}
