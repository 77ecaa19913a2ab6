/** Whether Lifeboat goes on when its window is closed: in the tray, where the user wants that; on macOS always, as programs do. */
import { Menu, Tray } from 'electron';
import type { Settings } from '../../shared/settings';
import type { Logger } from '../platform/logger';

export interface BackgroundDependencies {
  /** Path of a PNG. */
  icon: string;
  /** Opens the window, or brings it to the front. */
  show(): void;
  quit(): void;
  logger: Logger;
}

export interface Background {
  /** Closing the window leaves the services at work. */
  outlivesWindow(): boolean;
  /** `windowIsOpen`: without window and tray there would be no way back. */
  apply(settings: Pick<Settings, 'watchInBackground'>, windowIsOpen: boolean): void;
}

export function createBackground({ icon, show, quit, logger }: BackgroundDependencies): Background {
  if (process.platform === 'darwin') return { outlivesWindow: () => true, apply: () => undefined };
  let tray: Tray | null = null;

  function openTray(): Tray | null {
    try {
      const opened = new Tray(icon);
      opened.setToolTip('Lifeboat watches your deployments');
      opened.setContextMenu(
        Menu.buildFromTemplate([
          { label: 'Open Lifeboat', click: show },
          { type: 'separator' },
          { label: 'Quit', click: quit },
        ]),
      );
      opened.on('click', show);
      return opened;
    } catch (error) {
      logger.warn({ error }, 'The tray cannot be used');
      return null;
    }
  }

  return {
    outlivesWindow: () => tray !== null,
    apply({ watchInBackground }, windowIsOpen) {
      if (watchInBackground) {
        tray ??= openTray();
        return;
      }
      if (tray === null) return;
      tray.destroy();
      tray = null;
      if (!windowIsOpen) show();
    },
  };
}
