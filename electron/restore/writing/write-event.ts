import type { Conflict } from '../../../shared/restore';
import type { WriteItem } from './write-item';

/** What a batch did; the sum of all events is what the restore did, also when it does not reach its end. */
export interface WriteEvent {
  index: number;
  inserted: number;
  replaced: number;
  deleted: number;
  kept: number;
  conflicts: { id: string; kind: WriteItem['kind']; reason: string; versions: Conflict['versions'] }[];
  failures: { id: string; message: string }[];
}
