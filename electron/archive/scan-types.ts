import type { ClusterTime } from '../../shared/backups';
import type { ArchivePrelude } from './archive-prelude';
import type { BsonKernel } from './kernel/bson-kernel';
import type { NamespaceSummary } from './namespace-progress';

/** Documents of one namespace that stand one after the other. All views are valid during the call only. */
export interface DocumentBatch {
  /** Number and name of the namespace, see {@link NamespaceSummary}. */
  namespaceId: number;
  namespace: string;
  /** Number of the first document within its namespace, from 0 in archive order. */
  firstOrdinal: number;
  count: number;
  /** Digest records, 24 bytes each: hash of `_id` (u64), hash of the document (128 bits), little-endian. */
  records: Buffer;
  /** Three per document, as offsets in `input`: its start; start and end of its `_id` element (`noId` without one). */
  positions: Uint32Array;
  input: Buffer;
  /** Place of `input[0]` in the archive. */
  archiveOffset: number;
  /** The scanner's own: only for what works on the batch itself (`updateCrcWithRecords`), never to read other bytes. */
  kernel: BsonKernel;
}

/** A run of documents of one namespace inside one slice, without anything between them. */
export interface DocumentRun {
  namespaceId: number;
  /** Offset of the first document in the slice. */
  offset: number;
  firstOrdinal: number;
  count: number;
  bytes: number;
}

/** A piece of the archive that starts and ends between documents, headers and terminators. Valid during the call. */
export interface ArchiveSlice {
  bytes: Buffer;
  archiveOffset: number;
  /** Namespace whose documents the slice starts among; null when a header (or the prelude) comes first. */
  openNamespaceId: number | null;
  runs: DocumentRun[];
}

export interface DocumentFaultReport {
  namespace: string;
  ordinal: number;
  /** Of the document in the archive. */
  offset: number;
  /** In plain words, with the offset of the fault inside the document. */
  reason: string;
}

export interface ScanHandlers {
  prelude?(prelude: ArchivePrelude): void;
  /** A header that opens (again) a namespace. */
  segment?(segment: { namespaceId: number; namespace: string; archiveOffset: number }): void;
  documents?(batch: DocumentBatch): void;
  /** After the `documents` of the same bytes. */
  slice?(slice: ArchiveSlice): void;
  /** The namespace's last header was read. */
  namespaceEnd?(summary: NamespaceSummary): void;
}

export interface ScanOptions {
  /** Check every element of every document (default true); otherwise framing and the way to `_id`. */
  validate?: boolean;
  /** Keep CRC-64s (default true). They cost more than the hashes: off where the archive is live and short-lived. */
  checksums?: boolean;
  /** Bytes handled at once; also the size of the slices. Default 1 MiB. */
  sliceBytes?: number;
}

/** First and last `ts` of the oplog slice. */
export interface OplogSummary {
  first: ClusterTime | null;
  last: ClusterTime | null;
  entries: number;
}

export interface ArchiveSummary {
  prelude: ArchivePrelude | null;
  /** In order of appearance in the data, that is by id. */
  namespaces: NamespaceSummary[];
  /** Bytes of the archive read so far, uncompressed. */
  archiveBytes: number;
  documents: number;
  oplog: OplogSummary | null;
  /** Announced in the prelude but not (fully) there. */
  missing: string[];
  /** The first broken documents; `invalidDocuments` of the namespaces counts all. */
  faults: DocumentFaultReport[];
}
