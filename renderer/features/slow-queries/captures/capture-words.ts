/** How captures are named on the page. Pure. */
import type { Capture, CaptureSourceType, CaptureStatus } from '../../../../shared/captures';
import { formatQuantity } from '../../../../shared/format';
import type { State } from '../../../components/state-mark';

export const sourceWords: Record<CaptureSourceType, string> = {
  profiler: 'profiler',
  'server-log': 'server log in memory',
  'log-files': 'log files',
  'current-operations': 'running operations',
};

export const statusWords: Record<CaptureStatus, { state: State; word: string }> = {
  running: { state: 'running', word: 'Gathering' },
  complete: { state: 'good', word: 'Complete' },
  stopped: { state: 'stopped', word: 'Stopped' },
  failed: { state: 'bad', word: 'Failed' },
  interrupted: { state: 'warning', word: 'Interrupted' },
};

/** One sentence about what a capture holds. */
export function captureSentence(capture: Capture): string {
  const operations = formatQuantity(capture.counted, 'operation');
  const apart = capture.operations - capture.counted;
  const setApart = apart > 0 ? `, ${formatQuantity(apart, 'internal or outer one')} set apart` : '';
  return `${operations} from the ${sourceWords[capture.source]}${setApart}.`;
}
