import { ArchiveDamage, throwIfCancelled } from './archive-damage';
import { readUncompressed } from './archive-file';
import { ArchiveScanner } from './archive-scanner';
import type { ArchiveSummary, ScanHandlers, ScanOptions } from './scan-types';
import type { ArchiveChunks } from './write-blocked-archive';

export interface ScanArchiveOptions extends ScanOptions {
  signal?: AbortSignal;
  /** Archive bytes (uncompressed) and documents so far. */
  onProgress?: (bytes: number, documents: number) => void;
  /** Called synchronously as the archive is read. */
  handlers?: ScanHandlers;
  /** May be awaited between chunks, for handlers that gather what has to be written away. */
  drain?: () => Promise<void>;
}

const pushBytes = 1024 * 1024;

/**
 * Reads an archive once, from a file (plain, gzip or blocked gzip) or from its uncompressed bytes. Memory is bounded.
 * Checksums that do not match are told in the summary (`checksum: 'mismatch'`); anything that stops the reading is
 * thrown as {@link ArchiveDamage} whose message names what was complete and what was not. `cancelled` by the signal.
 */
export async function scanArchive(
  input: string | ArchiveChunks,
  options: ScanArchiveOptions = {},
): Promise<ArchiveSummary> {
  const { handlers = {}, signal, onProgress, drain } = options;
  let documents = 0;
  let bytes = 0;
  const counting: ScanHandlers = {
    ...handlers,
    documents: (batch) => {
      documents += batch.count;
      handlers.documents?.(batch);
    },
  };
  const scanner = new ArchiveScanner(counting, options);
  try {
    for await (const chunk of typeof input === 'string' ? readUncompressed(input) : input) {
      for (let from = 0; from < chunk.length; from += pushBytes) {
        throwIfCancelled(signal);
        const part = chunk.subarray(from, from + pushBytes);
        scanner.push(part);
        bytes += part.length;
        if (drain) await drain();
        onProgress?.(bytes, documents);
      }
    }
  } catch (error) {
    throw withProgress(error, scanner);
  }
  throwIfCancelled(signal);
  const summary = scanner.finish();
  if (drain) await drain();
  onProgress?.(summary.archiveBytes, summary.documents);
  return summary;
}

/** Damage of the packing knows nothing of namespaces: adds what the scanner saw before. */
function withProgress(error: unknown, scanner: ArchiveScanner): unknown {
  if (!(error instanceof ArchiveDamage) || (error.kind !== 'compression' && error.kind !== 'truncated')) return error;
  try {
    scanner.flush();
  } catch {
    // The first damage is the one to report.
  }
  return new ArchiveDamage(error.kind, `${error.message} ${scanner.describeWhatIsThere()}`, {
    ...(error.offset === undefined ? {} : { offset: error.offset }),
  });
}
