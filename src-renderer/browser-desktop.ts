import type { DesktopApi } from '../src-main/contract/desktop-api.ts';
import type { PathDialog } from './state/path-dialog.svelte.ts';

/** The desktop of a page in a browser: the dialogs are the page's own, and dropped files have no path. */
export function browserDesktop(dialog: PathDialog): DesktopApi {
  return {
    host: 'browser',
    chooseFolder: () => dialog.ask({ title: 'Choose a folder', kind: 'folder', suggestedName: '' }),
    chooseArchive: () => dialog.ask({ title: 'Choose an archive', kind: 'file', suggestedName: '' }),
    chooseBuildFile: () => dialog.ask({ title: 'Choose an exported build', kind: 'file', suggestedName: '' }),
    chooseCertificate: () =>
      dialog.ask({ title: 'Choose a certificate or key', kind: 'file', suggestedName: '' }),
    chooseSaveFile: (suggestedName) => dialog.ask({ title: 'Save as', kind: 'new-file', suggestedName }),
    pathOfDropped: () => '',
    tellOfBuild: () => Promise.resolve(),
    showProgress: () => Promise.resolve(),
    openExternal(url) {
      if (url.startsWith('https://')) window.open(url, '_blank', 'noopener');
      return Promise.resolve();
    },
    onCommand: () => () => undefined,
  };
}
