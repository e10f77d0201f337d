import { Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';

const SCREENS = ['Build', 'Images', 'Layers', 'Builds', 'Registries', 'Settings'] as const;

/**
 * The application's menu. Commands go to the page, which knows what they mean. The page hears its own shortcuts, so
 * they are shown here but, where the system lets the page have them first, not registered a second time.
 */
export function createMenu(tell: (command: string) => void, options: { readonly developer: boolean }): Menu {
  const item = (label: string, command: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    id: command,
    click: () => tell(command),
    ...(accelerator !== undefined && { accelerator, registerAccelerator: false }),
  });
  const screens = SCREENS.map((name, index) => {
    const number = String(index + 1);
    return item(name, `screen-${number}`, `CmdOrCtrl+${number}`);
  });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  return Menu.buildFromTemplate([
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        item('Open Folder…', 'open-folder', 'CmdOrCtrl+O'),
        item('Load Archive…', 'load-archive'),
        item('Pull Image…', 'pull'),
        item('Push Image…', 'push'),
        item('Save Dockerfile', 'save', 'CmdOrCtrl+S'),
        separator,
        item('Settings', 'settings', 'CmdOrCtrl+,'),
        separator,
        { role: process.platform === 'darwin' ? 'close' : 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        item('Undo Tag Move', 'undo', 'CmdOrCtrl+Z'),
        separator,
        ...(['cut', 'copy', 'paste', 'selectAll'] as const).map((role) => ({ role })),
      ],
    },
    { label: '&Build', submenu: [item('Build', 'build', 'CmdOrCtrl+B'), item('Cancel Build', 'cancel')] },
    { label: '&Go', submenu: [...screens, separator, item('Command Palette…', 'palette', 'CmdOrCtrl+K')] },
    {
      label: '&View',
      submenu: [
        ...(['resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'] as const).map((role) => ({ role })),
        ...(options.developer ? ([separator, { role: 'reload' }, { role: 'toggleDevTools' }] as const) : []),
      ],
    },
    { role: 'windowMenu' },
  ]);
}
