/** Starting captures from wherever they are asked for: buttons, menus, dropped files. */
import type { CaptureRequest } from '../../../../shared/captures';
import { api, pathOfFile } from '../../../api';
import { useSlowQueries } from '../slow-queries-store';

/** Starts a capture and shows it. Throws what the services answer. */
export async function startCapture(source: CaptureRequest['source']): Promise<void> {
  const { captureId } = await api('captures.start', { source, title: null });
  await useSlowQueries.getState().load();
  useSlowQueries.getState().choose(captureId);
}

/** Asks for log files, or a folder of them, and reads them; nothing when the dialog is dismissed. */
export async function openLogs(folder: boolean): Promise<void> {
  const paths = await api('dialogs.choose-logs', { folder });
  if (paths !== null && paths.length > 0) await startCapture({ type: 'log-files', paths });
}

/** Reads dropped files and folders as logs, merged by time. */
export async function openDropped(files: readonly File[]): Promise<void> {
  const paths = files.map(pathOfFile).filter((path) => path !== null);
  if (paths.length > 0) await startCapture({ type: 'log-files', paths });
}
