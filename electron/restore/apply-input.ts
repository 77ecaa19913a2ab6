import type { Manifest } from '../../shared/backups';
import type { ApplyRequest } from '../../shared/restore';
import type { BackupLocation } from '../catalogue/backup-location';
import type { StoredPreview } from './preview/preview-store';
import type { RunningJournal } from './undo/journal';
import type { UndoScope } from './undo/undo-preview';

/** All that one run of a restore is about. */
export interface ApplyInput {
  restoreId: string;
  request: ApplyRequest;
  stored: StoredPreview;
  /** Where the preview is kept for as long as the restore needs it. */
  previewFolder: string;
  manifest: Manifest;
  location: BackupLocation;
  journal: RunningJournal;
  /** It goes on with a run that was cut off after it had begun to write. */
  resumed: boolean;
  /** The preview is that of an undo. */
  undoing: UndoScope | null;
}
