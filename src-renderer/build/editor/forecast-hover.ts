import {
  ViewPlugin,
  type EditorView,
  type PluginValue,
  type Tooltip,
  type TooltipView,
} from '@codemirror/view';
import ForecastCard from './forecast-card.svelte';
import { forecastAt, type ToldForecast } from './forecast-field.ts';
import { mountedTooltip } from './mounted-tooltip.ts';
import { dropPopup, hasPopup, isPopup, openPopup } from './popup.ts';

const REST_MS = 300;
/** The way from the mark to its card is no leaving. */
const LEAVE_MS = 250;

/** Shows a forecast's card while the pointer rests on its mark in the gutter or on the card. */
class ForecastHover implements PluginValue {
  readonly #view: EditorView;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at: number | undefined;
  #shown: Tooltip | undefined;

  constructor(view: EditorView) {
    this.#view = view;
  }

  enter(at: number): void {
    clearTimeout(this.#timer);
    if (at === this.#at && this.#isShown()) return;
    this.#timer = setTimeout(() => this.#show(at), REST_MS);
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hide(), LEAVE_MS);
  }

  /** At once, for a click. */
  show(at: number): void {
    clearTimeout(this.#timer);
    this.#hide();
    this.#show(at);
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  #isShown(): boolean {
    return this.#shown !== undefined && isPopup(this.#view.state, this.#shown);
  }

  #show(at: number): void {
    this.#hide();
    // What the person answers or reads elsewhere stays.
    if (hasPopup(this.#view.state)) return;
    const forecast = forecastAt(this.#view.state, at);
    if (forecast === undefined) return;
    this.#at = at;
    this.#shown = { pos: at, above: true, create: () => this.#create(forecast) };
    openPopup(this.#view, this.#shown);
  }

  #create(forecast: ToldForecast): TooltipView {
    const card = mountedTooltip(ForecastCard, { ...forecast });
    card.dom.addEventListener('mouseenter', () => clearTimeout(this.#timer));
    card.dom.addEventListener('mouseleave', () => this.leave());
    return card;
  }

  #hide(): void {
    if (this.#isShown()) dropPopup(this.#view);
    this.#shown = undefined;
  }
}

export const forecastHover = ViewPlugin.define((view) => new ForecastHover(view));
