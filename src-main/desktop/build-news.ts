import { Notification, type BrowserWindow } from 'electron';
import { z } from 'zod';
import { buildIdSchema } from '../contract/build-records-api.ts';

export const buildNewsSchema = z.object({
  title: z.string().max(200),
  body: z.string().max(500),
  build: buildIdSchema,
});
type BuildNews = z.output<typeof buildNewsSchema>;

/** Notifications that may still be clicked: one that nothing holds is collected, and its click is lost. */
const shown = new Set<Notification>();

/** Tells of a build unless the person looks at the window; a click brings the window and the build. */
export function tellOfBuild({ title, body, build }: BuildNews, window: BrowserWindow): void {
  if (window.isFocused() || !Notification.isSupported()) return;
  const notification = new Notification({ title: plainText(title), body: plainText(body) });
  shown.add(notification);
  notification.on('close', () => shown.delete(notification));
  notification.on('click', () => {
    shown.delete(notification);
    if (window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    window.webContents.send('varve:command', `show-build:${build}`);
  });
  notification.show();
}

/** Some desktops read a body as markup, and what a build says is not ours. */
function plainText(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('&', '＆');
}
