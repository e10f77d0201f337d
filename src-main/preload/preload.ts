import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { ENGINE_PORT_MESSAGE } from '../contract/desktop-api.ts';
import type { DesktopApi } from '../contract/desktop-api.ts';

// Sandboxed and isolated: hands the page DesktopApi and, from the main process, its port to the engine.
const listeners = new Set<(command: string) => void>();
/** Commands that came before the page listened. */
let waiting: string[] = [];

ipcRenderer.on(ENGINE_PORT_MESSAGE, (event) =>
  window.postMessage(ENGINE_PORT_MESSAGE, location.origin, event.ports),
);

ipcRenderer.on('varve:command', (_event, command: string) => {
  if (listeners.size === 0) waiting.push(command);
  for (const listener of listeners) listener(command);
});

const desktop: DesktopApi = {
  host: 'electron',
  chooseFolder: () => ask('varve:choose-folder'),
  chooseArchive: () => ask('varve:choose-archive'),
  chooseBuildFile: () => ask('varve:choose-build-file'),
  chooseCertificate: () => ask('varve:choose-certificate'),
  chooseSaveFile: (suggestedName) => ask('varve:choose-save-file', suggestedName),
  pathOfDropped: (file) => webUtils.getPathForFile(file),
  tellOfBuild: async (news) => void (await ask('varve:tell-of-build', news)),
  showProgress: async (share) => void (await ask('varve:show-progress', share)),
  openExternal: async (url) => void (await ask('varve:open-external', url)),
  onCommand: (listener) => {
    listeners.add(listener);
    for (const command of waiting) listener(command);
    waiting = [];
    return () => void listeners.delete(listener);
  },
};

/** Every answer of the main process is text or nothing. */
async function ask(channel: string, value?: unknown): Promise<string | undefined> {
  const answer: unknown = await ipcRenderer.invoke(channel, value);
  return typeof answer === 'string' ? answer : undefined;
}

contextBridge.exposeInMainWorld('varveDesktop', desktop);
