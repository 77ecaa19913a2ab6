/** What is asked of foresight, and what it answers. */
import type { RestoreMode } from '../../../shared/diff';
import type { PickedDocuments } from '../../../shared/picks';
import type { MetadataChoice } from '../../../shared/restore';
import type { PlanNamespace } from '../preview/preview-store';
import type { BuiltMode } from './built-index';
import type { UniqueIndex } from './index-keys';
import type { Showing } from './server-match';
import type { ForeseenMode } from './streams';
import type { Validator } from './validator-check';

export interface ForesightNamespace {
  plan: PlanNamespace;
  /** The collection that holds the documents. */
  database: string;
  collection: string;
  /** Null: none that could reject. */
  validator: Validator | null;
  /** Of the target: as the backup has it, with another specification, or not in the backup at all. */
  existing: { index: UniqueIndex; kind: 'same' | 'changed' | 'extra' }[];
  /** That the restore would build. */
  built: UniqueIndex[];
  /** Documents that differ, and those the target has. */
  counts: { onlyInBackup: number; changed: number; onlyInTarget: number; inTarget: number };
  /** For `pick`: the documents chosen. */
  picks: PickedDocuments[] | null;
}

export interface ForesightTaskInput {
  /** Connection string with secrets. */
  uri: string;
  previewFolder: string;
  archive: string;
  blockIndex: string;
  readPreference: 'primary' | 'secondaryPreferred';
  showing: Showing;
  /** Null: a preview, in which the mode may still be switched. */
  mode: RestoreMode | null;
  /** Null: as each mode does by itself. */
  metadata: MetadataChoice | null;
  namespaces: ForesightNamespace[];
}

/** Documents: all of them counted, the first hundred named by `_id` as canonical Extended JSON. */
export interface Refused {
  total: number;
  objects: { id: string; detail: string }[];
}

export interface NamespaceForesight {
  index: number;
  /** Documents looked at, of all that would be written. */
  checked: number;
  documents: number;
  /** Null: not asked for. */
  validator: { refused: Partial<Record<ForeseenMode, Refused>>; onlyWarns: boolean; unchecked: number } | null;
  /** `complete` false: the target took too long to answer, or could not tell. */
  existing: {
    name: string;
    kind: 'same' | 'changed' | 'extra';
    refused: Partial<Record<ForeseenMode, Refused>>;
    complete: boolean;
  }[];
  /** `complete` false: not all documents could be told apart. */
  built: { name: string; refused: Partial<Record<BuiltMode, Refused>>; complete: boolean }[];
}

export interface ForesightTaskOutput {
  namespaces: NamespaceForesight[];
}
