/** What whoever starts a job says of it, and what its work is given. */
import type { JobKind, ProgressUpdate } from '../../shared/jobs';

/** What the work of a job is given. */
export interface JobContext {
  jobId: string;
  /** Aborted by cancel: end what was started, then throw (an AppFailure 'cancelled' or an AbortError). */
  signal: AbortSignal;
  /** As often as it likes: throttled, the last report is never lost. */
  report(update: ProgressUpdate): void;
  log(line: string): void;
  /** Makes a success a 'succeeded-with-warnings'. */
  warn(message: string): void;
  /**
   * Remembers an absolute path durably; call it BEFORE creating the file or folder. It is removed when the job does not
   * finish, at the next start when this process is killed, and kept when the job succeeds.
   */
  own(path: string): Promise<void>;
  disown(path: string): Promise<void>;
  /** Id of what the job makes. */
  setResult(id: string): void;
}

export interface JobDefinition {
  kind: JobKind;
  title: string;
  /** Names of the phases in order. */
  phases: string[];
  connectionId: string | null;
  /** Key of the target the job writes to: only one job at a time holds it, across processes. */
  lock?: string;
}
