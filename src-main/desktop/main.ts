import { join } from 'node:path';
import { app, BrowserWindow, Menu } from 'electron';
import { ENGINE_PORT_MESSAGE } from '../contract/desktop-api.ts';
import { answerPage } from './answer-page.ts';
import { EngineProcess } from './engine-process.ts';
import { folderArgument } from './folder-argument.ts';
import { denyPermissions, guardContents } from './guard-contents.ts';
import { createMenu } from './menu.ts';
import { pageUrl } from './page-address.ts';
import { registerPageScheme, servePage } from './page-protocol.ts';
import { openPageWindow } from './page-window.ts';
import { userFolder } from './user-folder.ts';

// Electron's main process: it opens the window, introduces page and engine to each other, and does nothing else.
const out = join(import.meta.dirname, '..');
const page = pageUrl(app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL);

let engine: EngineProcess | undefined;
let ended = false;

function mainWindow(): BrowserWindow | undefined {
  return BrowserWindow.getAllWindows()[0];
}

function tellPage(command: string): void {
  mainWindow()?.webContents.send('varve:command', command);
}

/** Gives the page a port to the engine that runs now. */
function introduce(): void {
  const contents = mainWindow()?.webContents;
  if (engine === undefined || contents === undefined) return;
  contents.postMessage(ENGINE_PORT_MESSAGE, null, [engine.openPort()]);
}

function openWindow(folder: string | undefined): void {
  const window = openPageWindow({
    url: page,
    preload: join(out, 'preload', 'preload.cjs'),
    icon: join(out, '..', 'resources', 'icons', '256x256.png'),
    stateFile: join(app.getPath('userData'), 'window-state.json'),
  });
  window.webContents.on('did-finish-load', introduce);
  if (folder !== undefined)
    window.webContents.once('did-finish-load', () => tellPage(`open-folder:${folder}`));
}

function start(): void {
  servePage(join(out, 'renderer'));
  denyPermissions(page);
  answerPage(page);
  Menu.setApplicationMenu(createMenu(tellPage, { developer: !app.isPackaged }));
  engine = new EngineProcess(join(out, 'main', 'engine.cjs'), introduce);
  openWindow(folderArgument(process.argv, process.cwd(), app.getAppPath()));
}

function secondStart(argv: readonly string[], cwd: string): void {
  const folder = folderArgument(argv, cwd, app.getAppPath());
  const window = mainWindow();
  if (window === undefined) return openWindow(folder);
  if (window.isMinimized()) window.restore();
  window.focus();
  if (folder !== undefined) tellPage(`open-folder:${folder}`);
}

/** Quits only when the engine has ended, so that no build is cut off in the middle of a write. */
function endFirst(event: Electron.Event): void {
  if (ended || engine === undefined) return;
  event.preventDefault();
  void engine.end().then(() => {
    ended = true;
    app.quit();
  });
}

// As root Chromium's sandbox cannot work and is off (--no-sandbox); enabling it would kill every child.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
if (!app.commandLine.hasSwitch('user-data-dir')) {
  app.setPath('userData', userFolder(app.getPath('userData'), process.env.VARVE_ROOT));
}
registerPageScheme();
guardContents(page);
if (app.requestSingleInstanceLock()) {
  app.on('second-instance', (_event, argv, cwd) => secondStart(argv, cwd));
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', endFirst);
  void app.whenReady().then(start);
} else {
  app.quit();
}
