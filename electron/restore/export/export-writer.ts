/** What every format of an exported diff is written by: text in pieces, so that nothing grows with the diff. */
import type { DocumentChange, FieldDiffRow } from '../../../shared/diff';
import type { Preview } from '../../../shared/restore';

export interface ExportedDocument {
  /** Namespace in the backup. */
  ns: string;
  /** `_id` as canonical Extended JSON. */
  id: string;
  change: DocumentChange;
  /** Of changed documents: every row of the document view; else empty. */
  rows: readonly FieldDiffRow[];
  rowsOmitted: number;
  /** One line for reading. */
  summary: string;
}

/** Each function answers with what is to be written. */
export interface ExportWriter {
  begin(preview: Preview): string;
  /** Before the documents of a namespace, in the order of the preview; documents follow up to {@link ExportWriter.mostDocuments}. */
  namespace(ns: string): string;
  document(document: ExportedDocument): string;
  endNamespace(ns: string): string;
  end(): string;
  /** Documents written of each namespace. */
  readonly mostDocuments: number;
}
