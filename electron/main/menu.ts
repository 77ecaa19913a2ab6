import { Menu, type MenuItemConstructorOptions } from 'electron';
import { windowPages } from '../../shared/pages';
import { sendEvent } from './ipc';

/** The application menu: ordinary roles, and the pages under Go. `quit` asks first where something would be cut off. */
export function installMenu(options: { development: boolean; quit: () => void }): void {
  const go: MenuItemConstructorOptions[] = windowPages.map((page, index) => ({
    label: page.label,
    accelerator: page.path === '/settings' ? 'CmdOrCtrl+,' : `CmdOrCtrl+${index + 1}`,
    click: () => sendEvent('navigate', { path: page.path }),
  }));
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ];
  if (options.development) view.push({ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' });
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } satisfies MenuItemConstructorOptions] : []),
    {
      label: 'File',
      submenu: [
        {
          label: 'New backup…',
          accelerator: 'CmdOrCtrl+B',
          click: () => sendEvent('navigate', { path: '/backups/new' }),
        },
        { type: 'separator' },
        process.platform === 'darwin'
          ? { role: 'close' }
          : {
              label: 'Quit',
              accelerator: 'CmdOrCtrl+Q',
              click: options.quit,
            },
      ],
    },
    { role: 'editMenu' },
    { label: 'Go', submenu: go },
    { label: 'View', submenu: view },
    { role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
