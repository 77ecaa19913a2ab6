import { AppFailure, type ErrorCode } from '../../shared/result';

/**
 * What can be wrong with a dump.
 * - `not-an-archive`: the bytes are something else.
 * - `truncated`: it ends in the middle.
 * - `compression`: gzip data does not inflate.
 * - `framing`: the archive's own structure (lengths, headers, terminators) is broken.
 * - `prelude`: header or collection metadata cannot be read, malformed metadata JSON included.
 * - `document`: a BSON document is broken inside.
 * - `checksum`: a namespace's CRC-64 differs from what the archive states.
 * - `incomplete`: a namespace announced in the prelude never ended.
 * - `too-large`: a document beyond what a server can store or Lifeboat reads.
 * - `index`: the digest or block index beside the archive is broken or belongs to another archive.
 * - `version`: written by a newer Lifeboat.
 */
export type DamageKind =
  | 'not-an-archive'
  | 'truncated'
  | 'compression'
  | 'framing'
  | 'prelude'
  | 'document'
  | 'checksum'
  | 'incomplete'
  | 'too-large'
  | 'index'
  | 'version';

export interface DamageDetails {
  /** Byte offset: in the uncompressed archive, or in the file for `index`, `compression` and dump-folder files. */
  offset?: number;
  /** Number of the gzip block, from 0. */
  block?: number;
  /** `database.collection`. */
  namespace?: string;
  hint?: string;
}

function codeOf(kind: DamageKind): ErrorCode {
  switch (kind) {
    case 'not-an-archive':
      return 'not-a-dump';
    case 'truncated':
    case 'incomplete':
      return 'archive-truncated';
    case 'version':
      return 'unsupported';
    case 'index':
      return 'stored-file-damaged';
    case 'compression':
    case 'framing':
    case 'prelude':
    case 'document':
    case 'checksum':
    case 'too-large':
      return 'archive-damaged';
  }
}

/** Thrown by everything in this folder that reads dumps; an {@link AppFailure} that also says where. */
export class ArchiveDamage extends AppFailure {
  readonly kind: DamageKind;
  readonly offset: number | undefined;
  readonly block: number | undefined;
  readonly namespace: string | undefined;

  constructor(kind: DamageKind, message: string, details: DamageDetails = {}) {
    super({ code: codeOf(kind), message, ...(details.hint ? { hint: details.hint } : {}) });
    this.kind = kind;
    this.offset = details.offset;
    this.block = details.block;
    this.namespace = details.namespace;
  }
}

/** Throws `cancelled` when the signal has fired: called between chunks by everything that takes a signal. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppFailure({ code: 'cancelled', message: 'Cancelled.' });
}
