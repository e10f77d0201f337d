import { app, session } from 'electron';
import { isPageUrl } from './page-address.ts';

/** The one thing that the page may do beyond showing itself: put text that the person copied on the clipboard. */
const ALLOWED = 'clipboard-sanitized-write';

/** Keeps every web content on our page: no other page, window, frame, view, permission or device. */
export function guardContents(page: string): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isPageUrl(event.url, page)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** To be called when Electron is ready. */
export function denyPermissions(page: string): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === ALLOWED && isPageUrl(contents.getURL(), page)),
  );
  defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === ALLOWED && isPageUrl(origin, page),
  );
  defaultSession.setDevicePermissionHandler(() => false);
}
