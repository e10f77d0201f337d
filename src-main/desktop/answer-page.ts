import { BrowserWindow, dialog, ipcMain, shell } from 'electron';
import type { FileFilter, IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { EngineError } from '../contract/errors.ts';
import { buildNewsSchema, tellOfBuild } from './build-news.ts';
import { isPageUrl } from './page-address.ts';

const BUILDS = { name: 'Exported builds', extensions: ['varvebuild'] };
const CERTIFICATES = { name: 'Certificates and keys', extensions: ['pem', 'crt', 'cert', 'cer', 'key'] };
const ARCHIVES = { name: 'Image archives', extensions: ['tar', 'gz', 'tgz', 'zst', 'oci'] };

/** Answers what the preload asks, for our own page's main frame only. */
export function answerPage(page: string): void {
  answer(page, 'varve:choose-folder', z.undefined(), async (_none, window) => {
    const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openDirectory'] });
    return filePaths[0];
  });
  answer(page, 'varve:choose-archive', z.undefined(), (_none, window) => chooseFile(window, ARCHIVES));
  answer(page, 'varve:choose-build-file', z.undefined(), (_none, window) => chooseFile(window, BUILDS));
  answer(page, 'varve:choose-certificate', z.undefined(), (_none, window) =>
    chooseFile(window, CERTIFICATES),
  );
  answer(page, 'varve:choose-save-file', z.string().max(255), async (defaultPath, window) => {
    const { filePath, canceled } = await dialog.showSaveDialog(window, { defaultPath });
    return canceled ? undefined : filePath;
  });
  answer(page, 'varve:tell-of-build', buildNewsSchema, (news, window) =>
    Promise.resolve(tellOfBuild(news, window)),
  );
  answer(page, 'varve:show-progress', z.number().min(-1).max(1), (share, window) =>
    Promise.resolve(window.setProgressBar(share)),
  );
  answer(page, 'varve:open-external', z.string().max(4096), (address) =>
    shell.openExternal(httpsOnly(address)),
  );
}

async function chooseFile(window: BrowserWindow, kind: FileFilter): Promise<string | undefined> {
  const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openFile'], filters: [kind] });
  return filePaths[0];
}

function answer<T>(
  page: string,
  channel: string,
  schema: z.ZodType<T>,
  perform: (value: T, window: BrowserWindow) => Promise<unknown>,
): void {
  ipcMain.handle(channel, async (event, value: unknown) =>
    perform(schema.parse(value), windowOf(event, page)),
  );
}

/** The window whose main frame asks; anyone else is refused. */
function windowOf({ sender, senderFrame }: IpcMainInvokeEvent, page: string): BrowserWindow {
  const window = BrowserWindow.fromWebContents(sender);
  const isMainFrame = senderFrame !== null && senderFrame === sender.mainFrame;
  if (window === null || !isMainFrame || !isPageUrl(senderFrame.url, page)) {
    throw new EngineError('PERMISSION', 'Only Varve’s own page may ask for this.');
  }
  return window;
}

function httpsOnly(address: string): string {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw new EngineError('INVALID_INPUT', 'Only https addresses are opened in the browser.');
  }
  return url.href;
}
