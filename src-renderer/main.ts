import { connectBrowser } from '../src-main/rpc/connect-browser.ts';
import { connectDesktop } from '../src-main/rpc/connect-desktop.ts';
import { mount } from 'svelte';
import type { DesktopApi } from '../src-main/contract/desktop-api.ts';
import type { EngineConnection } from '../src-main/rpc/connect.ts';
import App from './app.svelte';
import { browserDesktop } from './browser-desktop.ts';
import { AppState } from './state/app-state.svelte.ts';
import { EngineLink } from './state/engine-link.svelte.ts';
import { PathDialog } from './state/path-dialog.svelte.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/rows.css';

declare global {
  interface Window {
    readonly varveDesktop?: DesktopApi;
  }
}

const link = new EngineLink();
const dialog = new PathDialog();
const app = new AppState(link, window.varveDesktop ?? browserDesktop(dialog));

let following: (() => void) | undefined;

function attach(engine: EngineConnection): void {
  link.attach(engine);
  // From the first connection on: a folder that the window was started with can be opened only then.
  following ??= app.follow();
  engine.onClose(() => link.detach(engine));
  app.refresh();
}

if (window.varveDesktop === undefined) {
  connectBrowser(window.location, (engine, host) => {
    dialog.attach(host);
    attach(engine);
  });
} else {
  connectDesktop(window, attach);
}

mount(App, { target: document.getElementById('app') ?? document.body, props: { app, link, dialog } });
