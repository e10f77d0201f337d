import type { Extension } from '@codemirror/state';
import { EditorView, gutter } from '@codemirror/view';
import { forecastField } from './forecast-field.ts';
import { forecastHover } from './forecast-hover.ts';

function isOnMark(event: Event): boolean {
  return event.target instanceof Element && event.target.closest('.cm-forecast') !== null;
}

/**
 * A gutter that says of each instruction whether it will come from the cache, and how long it took. Why is said where
 * the pointer rests, at a click, and by `explain` at the cursor.
 */
export const forecastGutter: Extension = [
  forecastField,
  forecastHover,
  gutter({
    class: 'cm-forecasts',
    markers: (view) => view.state.field(forecastField).marks,
    domEventHandlers: {
      mouseover(view, line, event) {
        if (isOnMark(event)) view.plugin(forecastHover)?.enter(line.from);
        return false;
      },
      mouseout(view, _, event) {
        if (isOnMark(event)) view.plugin(forecastHover)?.leave();
        return false;
      },
      mousedown(view, line, event) {
        if (!isOnMark(event)) return false;
        view.plugin(forecastHover)?.show(line.from);
        return true;
      },
    },
  }),
  EditorView.editorAttributes.of(({ state }) => ({
    class: state.field(forecastField).isStale ? 'cm-forecast-stale' : '',
  })),
];
