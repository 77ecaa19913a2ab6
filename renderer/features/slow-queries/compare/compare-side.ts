/** The two sides of a comparison: which capture, and which piece of it. Pure. */
import type { Capture } from '../../../../shared/captures';
import { everyOperation, type CaptureFilter } from '../../../../shared/slow-queries';

export const pieces = ['all', 'first-half', 'second-half', 'last-hour', 'hour-before', 'between'] as const;
export type Piece = (typeof pieces)[number];

export const pieceNames: Record<Piece, string> = {
  all: 'All of it',
  'first-half': 'Its first half',
  'second-half': 'Its second half',
  'last-hour': 'Its last hour',
  'hour-before': 'The hour before that',
  between: 'Between two times',
};

export interface SideDraft {
  captureId: string | null;
  piece: Piece;
  /** Of `between`: local times as `datetime-local` fields hold them. */
  from: string;
  to: string;
}

const hour = 3_600_000;

/** What is asked of a side; null while it is not whole. */
export function sideRequest(
  draft: SideDraft,
  captures: readonly Capture[],
): { captureId: string; filter: CaptureFilter } | null {
  const capture = captures.find(({ id }) => id === draft.captureId);
  if (!capture) return null;
  const span = spanOf(draft, capture);
  return span === null ? null : { captureId: capture.id, filter: { ...everyOperation, ...span } };
}

function spanOf({ piece, from, to }: SideDraft, capture: Capture): Pick<CaptureFilter, 'from' | 'to'> | null {
  if (piece === 'all') return { from: null, to: null };
  if (piece === 'between') {
    const [begin, end] = [new Date(from).getTime(), new Date(to).getTime()];
    return begin < end ? { from: begin, to: end } : null;
  }
  if (capture.from === null || capture.to === null) return null;
  const middle = Math.floor((capture.from + capture.to) / 2);
  switch (piece) {
    case 'first-half':
      return { from: null, to: middle };
    case 'second-half':
      return { from: middle + 1, to: null };
    case 'last-hour':
      return { from: capture.to - hour, to: null };
    case 'hour-before':
      return { from: capture.to - 2 * hour, to: capture.to - hour - 1 };
  }
}
