import { render } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { vi } from 'vitest';
import type { DesktopApi } from '../../../src-main/contract/desktop-api.ts';
import App from '../../../src-renderer/app.svelte';
import { AppState } from '../../../src-renderer/state/app-state.svelte.ts';
import { PathDialog } from '../../../src-renderer/state/path-dialog.svelte.ts';
import type { FakeEngine } from './fake-engine.ts';

/** Pixels that jsdom does not lay out: every scrolled area gets this height, so that virtual lists draw rows. */
const HEIGHT = 600;

/** The whole window on a stand-in for the connection to the engine. */
export function openTestWindow(engine: FakeEngine, desktop: Partial<DesktopApi> = {}): AppState {
  localStorage.clear();
  standInForLayout();
  const app = new AppState(engine, {
    host: 'electron',
    chooseFolder: () => Promise.resolve(undefined),
    chooseArchive: () => Promise.resolve(undefined),
    chooseSaveFile: () => Promise.resolve(undefined),
    pathOfDropped: () => '',
    openExternal: () => Promise.resolve(),
    onCommand: () => () => undefined,
    ...desktop,
  });
  app.follow();
  app.refresh();
  render(App, { app, link: { connected: true }, dialog: new PathDialog() });
  flushSync();
  return app;
}

/** What jsdom lacks because it draws nothing. */
function standInForLayout(): void {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  );
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, value: HEIGHT });
  Element.prototype.scrollTo = function scrollTo(this: Element, to?: ScrollToOptions | number): void {
    if (typeof to !== 'object') return;
    this.scrollTop = to.top ?? this.scrollTop;
    this.dispatchEvent(new Event('scroll'));
  };
  Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
}
