/** Alerts as notifications of the operating system. */
import { Notification, type BrowserWindow } from 'electron';
import { AppFailure, fail } from '../../shared/result';
import type { DesktopNotifier } from '../health/channels/desktop';
import { sendEvent } from './ipc';

/** Milliseconds to wait for the operating system to say that it shows one; some never say. */
const answerMs = 1000;

const noService =
  'Look whether a notification service is running and lets Lifeboat through, or choose another channel.';

/** A click on a notification brings the window to the alert's page. */
export function createDesktopNotifier(window: () => BrowserWindow | null): DesktopNotifier {
  /** Kept while shown: one that is collected no longer answers to clicks. */
  const shown = new Set<Notification>();

  function open(incidentId: string | null): void {
    const target = window();
    if (!target || target.isDestroyed()) return;
    if (target.isMinimized()) target.restore();
    target.show();
    target.focus();
    if (incidentId !== null) sendEvent('navigate', { path: `/alerts/show/${encodeURIComponent(incidentId)}` });
  }

  return {
    show: ({ title, body, incidentId }) => {
      if (!Notification.isSupported())
        fail('unsupported', 'The operating system shows no notifications here.', noService);
      const notification = new Notification({ title, body });
      shown.add(notification);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => resolve('handed to the operating system'), answerMs);
        notification.on('show', () => {
          clearTimeout(timer);
          resolve('shown');
        });
        notification.on('failed', (_event, problem) => {
          clearTimeout(timer);
          reject(
            new AppFailure({
              code: 'unsupported',
              message: 'The operating system did not show the notification.',
              hint: noService,
              ...(problem ? { details: problem } : {}),
            }),
          );
        });
        notification.on('close', () => shown.delete(notification));
        notification.on('click', () => {
          shown.delete(notification);
          open(incidentId);
        });
        notification.show();
      });
    },
  };
}
