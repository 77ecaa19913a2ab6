/** The door of profiler control: what profilers are set to, and changes of it that are taken back by themselves. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hostname } from 'node:os';
import type { ProfilingPreview, ProfilingStatus, ProfileResizePreview, TimeBox } from '../../../shared/profiling';
import { fail } from '../../../shared/result';
import { auditedIn, type AuditSink } from '../../audit/audited';
import type { Connections, OpenDeployment } from '../../connections/service';
import { waitForFileLock } from '../../platform/file-lock';
import type { Logger } from '../../platform/logger';
import { isGuarded, requireAllowed, requireWritable } from '../guard';
import { dataMembers } from '../members';
import {
  isOpen,
  livingClaims,
  openJournal,
  ownClaim,
  saveBox,
  timeBoxOf,
  type Claim,
  type StoredBox,
} from './box-journal';
import { findProfilers, openBox, type WantedProfiling } from './open-box';
import { isEnough, previewProfiling } from './preview-profiling';
import { previewResize, resizeProfile, type WantedSize } from './resize-profile';
import { allWaiting, restoreBox, settled } from './restore-box';
import { readStatus } from './status';

export interface ProfilingOrder extends WantedProfiling {
  connectionId: string;
  minutes: number;
  /** The connection's name, which production asks for. */
  typedName: string | null;
}

export interface StartedBox {
  box: TimeBox;
  /** For {@link ProfilerControl.release}. */
  claimId: string;
}

export interface ProfilerControl {
  /** Members that cannot be asked are told with their error. Fails as connections do. */
  status(connectionId: string): Promise<ProfilingStatus>;
  /** Sets nothing. */
  preview(order: Omit<ProfilingOrder, 'typedName'>): Promise<ProfilingPreview>;
  /**
   * Sets the chosen profilers until the time is over. Former settings are on disk before anything is set; of what is in an
   * open box already the first former settings are kept. `outlives`: the box stays open when this process ends, for a
   * schedule to close. Members that do not answer are told in the box's `leftOut` when none was chosen in particular. Throws
   * 'refused', 'topology', 'unreachable' when a chosen member does not answer, or none at all.
   */
  start(order: ProfilingOrder, options?: { outlives?: boolean }): Promise<StartedBox>;
  /** Gives up one claim: the box is closed when it was the last one. */
  release(claimId: string): Promise<TimeBox | null>;
  /** Closes a box now, whoever wants it open. Throws 'not-found'. */
  stop(boxId: string): Promise<TimeBox>;
  /**
   * Closes boxes whose time is over or whose process is gone, of the given connection or of all saved ones; `all` closes
   * every one. Boxes that could not be closed stay, as `waiting`.
   */
  restore(options?: { connectionId?: string; all?: boolean }): Promise<TimeBox[]>;
  /** Open ones and the last few that ended, newest first. */
  boxes(): Promise<TimeBox[]>;
  previewResize(connectionId: string, size: WantedSize): Promise<ProfileResizePreview>;
  /** Throws 'refused', 'topology' (a secondary). */
  resize(connectionId: string, size: WantedSize & { typedName: string | null }): Promise<void>;
  /** From now on, boxes are closed when their time comes, also those of other processes. */
  watch(): void;
  onChange(listener: () => void): () => void;
  /** Closes the boxes of this process. */
  close(): Promise<void>;
}

export interface ProfilerControlOptions {
  /** The JSON file of boxes. */
  file: string;
  locksFolder: string;
  origin: 'window' | 'cli';
  connections: Connections;
  audit: AuditSink;
  logger: Logger;
}

/** Milliseconds between two looks at the clock. */
const tick = 1000;
/** Between two tries to reach a member that was down. */
const retryAfter = 30_000;

export function createProfilerControl(options: ProfilerControlOptions): ProfilerControl {
  const { connections, audit, origin } = options;
  const logger = options.logger.child({ part: 'profilers' });
  const audited = auditedIn(audit, 'profiler');
  const journal = openJournal(options.file, origin);
  const ownClaims = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  let lastRetry = Date.now();

  /** One process at a time sets or restores profilers. */
  async function locked<T>(title: string, work: () => Promise<T>): Promise<T> {
    const holder = { title, origin, processId: process.pid, hostname: hostname() };
    const lock = await waitForFileLock(join(options.locksFolder, 'profilers'), holder, { timeoutMs: 60_000 });
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }

  /** With the lock held. */
  async function closeBox(box: StoredBox, connectionId = box.connectionId): Promise<StoredBox> {
    const emptied = { ...box, claims: [] };
    let end: StoredBox;
    try {
      // Not as a write: what Lifeboat changed is put back also where "read-only" was switched on since.
      end = settled(await connections.use(connectionId, (deployment) => restoreBox(deployment, emptied)));
    } catch (error) {
      end = settled(allWaiting(emptied, error instanceof Error ? error.message : String(error)));
    }
    await saveBox(journal, end);
    const notes = [...end.databases, ...end.processes].flatMap(({ note }) => note ?? []);
    // Tries that changed nothing are not told again and again.
    if (end.status !== 'waiting' || box.status !== 'waiting')
      await audit.record({
        operation: 'profiler.restore',
        target: box.connectionName,
        category: 'profiler',
        parameters: { box: box.id, hosts: [...new Set(box.processes.map(({ host }) => host))] },
        result: end.status === 'restored' ? 'succeeded' : end.status === 'left' ? 'succeeded-with-warnings' : 'failed',
        error: notes.length > 0 ? [...new Set(notes)].join(' ') : null,
        jobId: null,
      });
    return end;
  }

  async function find(match: (box: StoredBox) => boolean): Promise<StoredBox | undefined> {
    return (await journal.read()).boxes.find(match);
  }

  async function start(order: ProfilingOrder, { outlives = false }: { outlives?: boolean } = {}): Promise<StartedBox> {
    const connection = await connections.get(order.connectionId);
    const { hosts, databases, level, slowms, sampleRate, filter, minutes } = order;
    const parameters = { hosts, databases, level, slowms, sampleRate, filter, minutes };
    return audited('profiler.start', connection.name, parameters, async () => {
      requireAllowed(connection, order.typedName, 'profiling costs it time');
      const claim = newClaim(new Date(Date.now() + minutes * 60_000), outlives);
      if (!outlives) ownClaims.add(claim.id);
      return locked('Setting profilers', () =>
        connections.use(connection.id, (deployment) => startOn(deployment, order, claim)),
      );
    });
  }

  async function startOn(deployment: OpenDeployment, order: ProfilingOrder, claim: Claim): Promise<StartedBox> {
    const found = await findProfilers(deployment, order);
    const [missing] = found.missing;
    if (missing && !isEnough(found, order)) fail('unreachable', missing.message);
    try {
      const box = await openBox(deployment, order, found, { journal, claim });
      return { box: timeBoxOf(box), claimId: claim.id };
    } catch (error) {
      await releaseLocked(claim.id);
      throw error;
    }
  }

  /** With the lock held. */
  async function releaseLocked(claimId: string): Promise<StoredBox | null> {
    ownClaims.delete(claimId);
    const box = await find(({ claims }) => claims.some(({ id }) => id === claimId));
    if (!box) return null;
    const left = { ...box, claims: box.claims.filter(({ id }) => id !== claimId) };
    if (livingClaims(left, Date.now()).length === 0) return closeBox(left);
    const until =
      left.claims
        .map((claim) => claim.until)
        .sort()
        .pop() ?? left.until;
    await saveBox(journal, { ...left, until });
    return { ...left, until };
  }

  /** Whether the box is one of the deployment this connection leads to. */
  async function leadsTo(connectionId: string): Promise<(box: StoredBox) => boolean> {
    const key = await connections
      .use(connectionId, async (deployment) => (await dataMembers(deployment)).deploymentKey)
      .catch(() => null);
    return (box) => box.connectionId === connectionId || box.deploymentKey === key;
  }

  async function restore(chosen: { connectionId?: string; all?: boolean } = {}): Promise<TimeBox[]> {
    const { connectionId, all = false } = chosen;
    const matches = connectionId === undefined ? () => true : await leadsTo(connectionId);
    return locked('Restoring profilers', async () => {
      const now = Date.now();
      const due = (await journal.read()).boxes.filter(
        (box) => isOpen(box) && matches(box) && (all || livingClaims(box, now).length === 0),
      );
      const ended: TimeBox[] = [];
      for (const box of due) ended.push(timeBoxOf(await closeBox(box, connectionId)));
      return ended;
    });
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const now = Date.now();
      const due = (await journal.read()).boxes.filter(
        (box) =>
          isOpen(box) && livingClaims(box, now).length === 0 && (box.status === 'open' || now > lastRetry + retryAfter),
      );
      if (due.length === 0) return;
      lastRetry = now;
      await restore();
    } catch (error) {
      logger.warn({ error }, 'Profilers could not be put back');
    } finally {
      looking = false;
    }
  }

  return {
    async status(connectionId) {
      const { boxes } = await journal.read();
      return connections.use(connectionId, (deployment) => readStatus(deployment, boxes));
    },
    async preview(order) {
      return connections.use(order.connectionId, async (deployment) => {
        requireWritable(deployment.connection);
        return previewProfiling(await findProfilers(deployment, order), order, isGuarded(deployment.connection));
      });
    },
    start,
    async release(claimId) {
      const box = await locked('Restoring profilers', () => releaseLocked(claimId));
      return box && timeBoxOf(box);
    },
    async stop(boxId) {
      return locked('Restoring profilers', async () => {
        const box = await find(({ id }) => id === boxId);
        if (!box) return fail('not-found', 'There is no such time-box.');
        return timeBoxOf(isOpen(box) ? await closeBox(box) : box);
      });
    },
    restore,
    async boxes() {
      return (await journal.read()).boxes.map(timeBoxOf).sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    },
    previewResize: (connectionId, size) =>
      connections.use(connectionId, (deployment) => previewResize(deployment, size)),
    async resize(connectionId, { typedName, ...size }) {
      const connection = await connections.get(connectionId);
      await audited('profiler.resize', connection.name, { ...size }, async () => {
        requireAllowed(connection, typedName, 'what its system.profile holds would be lost');
        const claim = newClaim(new Date(Date.now() + 60_000), false);
        await locked('Resizing system.profile', () =>
          connections.use(connectionId, (deployment) => resizeProfile(deployment, size, { journal, claim })),
        );
      });
    },
    watch() {
      if (timer) return;
      timer = setInterval(() => void look(), tick);
      timer.unref();
      void look();
    },
    onChange: (listener) => journal.onChange(listener),
    async close() {
      clearInterval(timer);
      for (const claimId of [...ownClaims]) {
        await locked('Restoring profilers', () => releaseLocked(claimId)).catch((error: unknown) =>
          logger.warn({ error }, 'Profilers could not be put back'),
        );
      }
      journal.close();
    },
  };

  function newClaim(until: Date, outlives: boolean): Claim {
    return ownClaim(`claim-${randomBytes(6).toString('hex')}`, until, outlives);
  }
}
