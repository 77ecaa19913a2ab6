/** What a restore through the driver is about: shared by its parts. */
import type { MongoClient } from 'mongodb';
import type { ClusterTime } from '../../shared/backups';
import type { ChosenNamespace, WriteChoice } from './writing/plan-writes';

export interface DriverRestore {
  restoreId: string;
  choice: WriteChoice;
  namespaces: readonly ChosenNamespace[];
  previewFolder: string;
  archive: string;
  blockIndex: string;
  client: MongoClient;
  uri: string;
  replicated: boolean;
  /** Of the preview: documents are looked up as they were then, for conflicts. */
  clusterTime: ClusterTime | null;
  /** By {@link PlanNamespace.index}: what could not be saved to be undone and is not written. */
  heldBack: ReadonlyMap<number, readonly string[]>;
  /** It goes on with a run that was cut off. */
  resumed: boolean;
  /** Whose users and roles are restored, where that is chosen; null: those of all databases. */
  userDatabases?: readonly string[] | null;
}
