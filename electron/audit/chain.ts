/** The audit's hash chain: pure functions over its lines. */
import { createHash } from 'node:crypto';
import { auditEntrySchema, type AuditEntry, type AuditVerification } from '../../shared/audit';

export const firstPreviousHash = '0'.repeat(64);

/** The operation of the entry that follows a line which was torn by a crash. */
export const repairOperation = 'audit.repair';

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** JSON without blanks, the keys of every object sorted by UTF-16 code units, undefined left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined && typeof item !== 'function')
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

export function hashOfEntry(entry: Omit<AuditEntry, 'hash'>): string {
  return sha256(canonicalJson({ ...entry, hash: undefined }));
}

/** An entry's line, without its line end. */
export function formatLine(entry: AuditEntry): string {
  return canonicalJson(entry);
}

/** null when the line is no entry. */
export function parseLine(line: string): AuditEntry | null {
  try {
    const parsed = auditEntrySchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** What the file beside the audit remembers of its last entry. */
export interface ChainHead {
  sequence: number;
  hash: string;
}

/** Walks along the lines and finds the first that is not as it was written. */
export class ChainCheck {
  private line = 0;
  private entries = 0;
  private expectedSequence = 1;
  private previousHash = firstPreviousHash;
  private torn: { line: number; hash: string } | null = null;
  private headSeen = false;
  private broken: AuditVerification | null = null;

  /**
   * @param sequences all sequence numbers in the file, to tell moved entries from removed ones
   * @param head null when it was never written
   */
  constructor(
    private readonly sequences: ReadonlySet<number>,
    private readonly head: ChainHead | null,
  ) {}

  private breakAt(line: number, reason: string): void {
    this.broken ??= { intact: false, entries: 0, brokenAtLine: line, reason };
  }

  /** @param text a line without its end */
  take(text: string): void {
    this.line++;
    const lineHash = sha256(text);
    const entry = parseLine(text);
    if (!entry) {
      if (this.torn) this.breakAt(this.torn.line, 'The line is not an audit entry: it was overwritten or damaged.');
      this.torn = { line: this.line, hash: lineHash };
      return;
    }
    this.entries++;
    this.checkTorn(entry);
    this.checkEntry(entry, text);
    this.expectedSequence = entry.sequence + 1;
    this.previousHash = lineHash;
    if (this.head && entry.sequence === this.head.sequence) this.headSeen = entry.hash === this.head.hash;
  }

  /** A line that is no entry is what a crash left, if and only if the next entry says so. */
  private checkTorn(entry: AuditEntry): void {
    if (!this.torn) return;
    const { line, hash } = this.torn;
    if (entry.operation !== repairOperation || entry.parameters['tornLineHash'] !== hash) {
      this.breakAt(line, 'The line is not an audit entry: it was overwritten or damaged.');
    }
    this.previousHash = hash;
    this.torn = null;
  }

  private checkEntry(entry: AuditEntry, text: string): void {
    const expected = this.expectedSequence;
    if (hashOfEntry(entry) !== entry.hash || formatLine(entry) !== text) {
      this.breakAt(this.line, `Entry ${entry.sequence} was changed after it was written.`);
    } else if (entry.sequence > expected) {
      const missing =
        entry.sequence - expected === 1 ? `Entry ${expected}` : `Entries ${expected} to ${entry.sequence - 1}`;
      this.breakAt(
        this.line,
        this.sequences.has(expected)
          ? `Entry ${entry.sequence} stands where entry ${expected} belongs: entries were reordered.`
          : `${missing} before this line ${entry.sequence - expected === 1 ? 'was' : 'were'} removed.`,
      );
    } else if (entry.sequence < expected) {
      this.breakAt(
        this.line,
        `Entry ${entry.sequence} stands after entry ${expected - 1}: entries were reordered or repeated.`,
      );
    } else if (entry.previousHash !== this.previousHash) {
      this.breakAt(this.line, `Entry ${entry.sequence} does not continue the line before it: that line was replaced.`);
    }
  }

  /** @param endsWithNewline whether the file's last line is complete */
  finish(endsWithNewline: boolean): AuditVerification {
    const last = this.expectedSequence - 1;
    // An unfinished last line without newline is what a crash leaves; the next record() repairs it.
    if (this.torn && endsWithNewline) {
      this.breakAt(this.torn.line, 'The line is not an audit entry: it was overwritten or damaged.');
    }
    if (this.head && this.head.sequence > last) {
      const count = this.head.sequence - last;
      const what =
        count === 1 ? `Entry ${this.head.sequence} was` : `Entries ${last + 1} to ${this.head.sequence} were`;
      this.breakAt(this.line + 1, `${what} removed from the end.`);
    } else if (this.head && !this.headSeen) {
      this.breakAt(this.line, `Entry ${this.head.sequence} is not the one that was written.`);
    } else if (!this.head && this.entries > 1) {
      this.breakAt(this.line, 'The file beside the audit that remembers its last entry was removed.');
    }
    if (this.broken) return { ...this.broken, entries: this.entries };
    return { intact: true, entries: this.entries, brokenAtLine: null, reason: null };
  }
}
