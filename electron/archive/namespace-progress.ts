import { formatCrc64, formatHash128, oplogNamespace } from './archive-format';
import type { CollectionMetadata } from './archive-prelude';
import { emptyState, readTotals } from './kernel/bson-kernel';

/** `ok`: equal to what the archive states; `unknown`: not stated, not computed, or documents were skipped. */
export type ChecksumVerdict = 'ok' | 'mismatch' | 'unknown';

/** What is known of one namespace after (or during) a scan. */
export interface NamespaceSummary {
  /** Number in order of appearance, from 0; the digest and the block index use the same. */
  id: number;
  database: string;
  /** As in the archive's own headers: documents of time series may stand under `system.buckets.…`. */
  collection: string;
  /** `database.collection`. */
  namespace: string;
  /** The prelude's entry it belongs to; null when the prelude does not announce it. */
  metadata: CollectionMetadata | null;
  documents: number;
  /** BSON bytes of its documents. */
  bytes: number;
  /** Computed over the documents in archive order, 16 hex digits; null when checksums were off or documents skipped. */
  crc64: string | null;
  /** What the archive states in the namespace's last header; null until that was seen. */
  statedCrc64: string | null;
  checksum: ChecksumVerdict;
  /** Order-independent hash of all documents, 32 hex digits (docs/formats.md). */
  contentHash: string;
  /** The namespace's last header was seen: all its documents are there. */
  complete: boolean;
  /** Documents without `_id`: their idHash is the hash of the whole document. */
  withoutId: number;
  /** Documents whose BSON is broken inside. */
  invalidDocuments: number;
  /** Documents with an array whose keys are not "0", "1", …; legal, but odd. */
  oddArrays: number;
  /** Documents known to be there (from the block index) that damage took. */
  lostDocuments: number;
}

/** Running state of one namespace inside a scanner. */
export class NamespaceProgress {
  readonly id: number;
  readonly database: string;
  readonly collection: string;
  readonly namespace: string;
  readonly isOplog: boolean;
  /** Kernel totals while another namespace is being walked. */
  readonly state = emptyState();
  metadata: CollectionMetadata | null = null;
  statedCrc: bigint | null = null;
  /** Ordinal of the next document; counts lost ones too. */
  nextOrdinal = 0;
  lost = 0;
  /** Documents were skipped, in number known or not. */
  hasGap = false;
  readonly #checksums: boolean;

  constructor(id: number, database: string, collection: string, namespace: string, checksums: boolean) {
    this.id = id;
    this.database = database;
    this.collection = collection;
    this.namespace = namespace;
    this.isOplog = namespace === oplogNamespace;
    this.#checksums = checksums;
  }

  summary(): NamespaceSummary {
    const totals = readTotals(this.state);
    const computed = this.#checksums && !this.hasGap ? totals.crc64 : null;
    return {
      id: this.id,
      database: this.database,
      collection: this.collection,
      namespace: this.namespace,
      metadata: this.metadata,
      documents: totals.documents,
      bytes: totals.bytes,
      crc64: computed === null ? null : formatCrc64(computed),
      statedCrc64: this.statedCrc === null ? null : formatCrc64(this.statedCrc),
      checksum:
        computed === null || this.statedCrc === null ? 'unknown' : computed === this.statedCrc ? 'ok' : 'mismatch',
      contentHash: formatHash128(totals.sum),
      complete: this.statedCrc !== null && !this.hasGap,
      withoutId: totals.withoutId,
      invalidDocuments: totals.invalid,
      oddArrays: totals.oddArrays,
      lostDocuments: this.lost,
    };
  }
}
