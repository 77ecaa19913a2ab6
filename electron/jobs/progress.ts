/** Rates and the time left, from what a job reports. */
import type { Progress, ProgressUpdate } from '../../shared/jobs';

/** Milliseconds of history that a rate is made of. */
const window = 5000;
/** Milliseconds before a first rate is told: shorter spans say more about buffers than about speed. */
const shortestSpan = 500;
/** Of the whole, before a time left is told: what is slow to begin would be told to take days. */
const smallestShare = 0.005;

interface Sample {
  at: number;
  bytes: number;
  documents: number;
}

export function noProgress(phase: string): Progress {
  return {
    phase,
    bytesDone: 0,
    bytesTotal: null,
    documentsDone: 0,
    documentsTotal: null,
    bytesPerSecond: null,
    documentsPerSecond: null,
    secondsLeft: null,
  };
}

function secondsFor(done: number, total: number | null, rate: number | null): number | null {
  if (total === null || rate === null) return null;
  if (done >= total) return 0;
  if (done < total * smallestShare) return null;
  return rate > 0 ? (total - done) / rate : null;
}

/** Follows one job. Counters a report leaves out keep their value within a phase and start anew in the next one. */
export class ProgressMeter {
  private progress: Progress;
  private samples: Sample[] = [];

  constructor(phase: string) {
    this.progress = noProgress(phase);
  }

  /** @param now milliseconds of any clock that only goes forward */
  update(update: ProgressUpdate, now: number): Progress {
    const before = this.progress;
    const sameCounters =
      update.phase === before.phase ||
      ((update.bytesDone ?? 0) >= before.bytesDone &&
        (update.documentsDone ?? 0) >= before.documentsDone &&
        (update.bytesDone !== undefined || update.documentsDone !== undefined));
    const base = update.phase === before.phase ? before : noProgress(update.phase);
    const bytesDone = update.bytesDone ?? base.bytesDone;
    const documentsDone = update.documentsDone ?? base.documentsDone;
    const wentBack = bytesDone < before.bytesDone || documentsDone < before.documentsDone;
    if (!sameCounters || wentBack) this.samples = [];
    this.samples.push({ at: now, bytes: bytesDone, documents: documentsDone });
    this.progress = {
      ...base,
      phase: update.phase,
      bytesDone,
      bytesTotal: update.bytesTotal === undefined ? base.bytesTotal : update.bytesTotal,
      documentsDone,
      documentsTotal: update.documentsTotal === undefined ? base.documentsTotal : update.documentsTotal,
    };
    return this.current(now);
  }

  /** The progress with rates as of `now`: a stalled job's rate sinks although it reports nothing. */
  current(now: number): Progress {
    // One sample older than the window is kept: the span shall cover all of it.
    while (this.samples.length > 2 && (this.samples[1]?.at ?? now) <= now - window) this.samples.shift();
    const oldest = this.samples[0];
    const span = oldest ? now - oldest.at : 0;
    const { bytesDone, bytesTotal, documentsDone, documentsTotal } = this.progress;
    const rate = (done: number): number | null => (oldest && span >= shortestSpan ? (done * 1000) / span : null);
    const bytesPerSecond = rate(bytesDone - (oldest?.bytes ?? 0));
    const documentsPerSecond = rate(documentsDone - (oldest?.documents ?? 0));
    const byBytes = secondsFor(bytesDone, bytesTotal, bytesPerSecond);
    const byDocuments = secondsFor(documentsDone, documentsTotal, documentsPerSecond);
    const secondsLeft =
      byBytes === null ? byDocuments : byDocuments === null ? byBytes : Math.max(byBytes, byDocuments);
    this.progress = {
      ...this.progress,
      bytesPerSecond: bytesDone > 0 ? bytesPerSecond : null,
      documentsPerSecond: documentsDone > 0 ? documentsPerSecond : null,
      secondsLeft,
    };
    return this.progress;
  }
}
