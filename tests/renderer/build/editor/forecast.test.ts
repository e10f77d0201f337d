import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import type { EditorView } from '@codemirror/view';
import { describe, expect, test, vi } from 'vitest';
import type { Forecast } from '../../../../src-main/contract/builds-api.ts';
import { location } from '../../support/location.ts';
import { openEditor } from '../../support/open-editor.ts';
import { textOf } from '../../support/text-of.ts';

const TEXT = 'FROM busybox\nCOPY a.txt \\\n  /srv/\nRUN make\n';

type ForecastStep = Forecast['steps'][number];

function step(
  line: number,
  endLine: number,
  rest: Pick<ForecastStep, 'forecast' | 'why' | 'lastMs'>,
): ForecastStep {
  const at = { ...location(line, 1), endLine };
  return { step: `0.${line}`, stage: '0', instruction: 'text', keyword: 'RUN', location: at, ...rest };
}

const WHY = {
  kind: 'base' as const,
  text: 'busybox is another image now',
  changes: [{ kind: 'base' as const, name: 'busybox', before: 'sha256:1', after: 'sha256:2' }],
  more: 3,
};
const FORECAST: Forecast = {
  steps: [
    step(1, 1, { forecast: 'run', lastMs: 12_000, why: WHY }),
    step(2, 3, { forecast: 'unknown', why: { kind: 'parent', text: 'it depends on FROM' } }),
  ],
  contextEntries: 1,
};

async function openWithForecast(about = TEXT) {
  return openEditor({ text: TEXT, forecast: { text: about, forecast: FORECAST } });
}

function markOf(view: EditorView, kind: string): Element {
  const mark = view.dom.querySelector(`.cm-forecast.${kind}`);
  if (mark === null) throw new Error(`no mark is ${kind}`);
  return mark;
}

function card(): HTMLElement | null {
  return screen.queryByRole('region', { name: 'Forecast' });
}

describe('the forecast in the editor’s gutter', () => {
  test('says why, with what changed, while the pointer rests on a mark or on what is said', async () => {
    const { view } = await openWithForecast();
    await fireEvent.mouseOver(markOf(view, 'run'));
    const shown = await screen.findByRole('region', { name: 'Forecast' });
    expect(textOf(shown)).toBe(
      'Will run 12 s the last time it ran busybox is another image now' +
        ' ~ modified base busybox sha256:1 →now sha256:2 and 3 more changes',
    );
    await fireEvent.mouseOut(markOf(view, 'run'));
    await fireEvent.mouseEnter(shown.parentElement as HTMLElement);
    expect(card()).not.toBeNull();
    await fireEvent.mouseLeave(shown.parentElement as HTMLElement);
    await waitFor(() => expect(card()).toBeNull());
  });

  test('says it at once at a click, and Escape closes it', async () => {
    const { view } = await openWithForecast();
    await fireEvent.mouseDown(markOf(view, 'run'));
    expect(card()).not.toBeNull();
    view.focus();
    await fireEvent.keyDown(view.contentDOM, { key: 'Escape' });
    expect(card()).toBeNull();
  });

  test('is explained at the cursor by a key, anywhere in the instruction, and read out', async () => {
    const { view } = await openWithForecast();
    view.dispatch({ selection: { anchor: TEXT.indexOf('/srv') } });
    await fireEvent.keyDown(view.contentDOM, { key: 'i', ctrlKey: true });
    expect(textOf(await screen.findByRole('region', { name: 'Explanation' }))).toContain(
      'it depends on FROM',
    );
    const spoken = () => textOf(view.dom.querySelector('.cm-announced') ?? view.dom);
    await vi.waitFor(() => expect(spoken()).toContain('Cannot be known: it depends on FROM'));
  });

  test('is none for an instruction that is no step', async () => {
    const { view } = await openWithForecast();
    view.dispatch({ selection: { anchor: TEXT.indexOf('RUN') } });
    await fireEvent.keyDown(view.contentDOM, { key: 'i', ctrlKey: true });
    await waitFor(() => expect(textOf(view.dom)).toContain('There is nothing to explain here.'));
  });

  test('is faint and says so while it is about an older text, and moves along with that', async () => {
    const { view } = await openWithForecast();
    view.dispatch({ changes: { from: 0, insert: '# a comment\n' } });
    await waitFor(() => expect(view.dom.classList.contains('cm-forecast-stale')).toBe(true));
    view.dispatch({ selection: { anchor: view.state.doc.toString().indexOf('COPY') } });
    await fireEvent.keyDown(view.contentDOM, { key: 'i', ctrlKey: true });
    const shown = await screen.findByRole('region', { name: 'Explanation' });
    expect(textOf(shown)).toMatch(/it depends on FROM.*said of an earlier text/);
  });
});
