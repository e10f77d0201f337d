import { render } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import type { DesktopApi } from '../../../src-main/contract/desktop-api.ts';
import App from '../../../src-renderer/app.svelte';
import { AppState } from '../../../src-renderer/state/app-state.svelte.ts';
import { PathDialog } from '../../../src-renderer/state/path-dialog.svelte.ts';
import type { FakeEngine } from './fake-engine.ts';
import { standInForLayout } from './stand-in-for-layout.ts';

/** The whole window on a stand-in for the connection to the engine. */
export function openTestWindow(engine: FakeEngine, desktop: Partial<DesktopApi> = {}): AppState {
  localStorage.clear();
  standInForLayout();
  const app = new AppState(engine, {
    host: 'electron',
    chooseFolder: () => Promise.resolve(undefined),
    chooseArchive: () => Promise.resolve(undefined),
    chooseBuildFile: () => Promise.resolve(undefined),
    chooseCertificate: () => Promise.resolve(undefined),
    chooseSaveFile: () => Promise.resolve(undefined),
    pathOfDropped: () => '',
    tellOfBuild: () => Promise.resolve(),
    showProgress: () => Promise.resolve(),
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
