/** Causes that many incidents share: what runs on a member, what reads from it, what happened to it. */
import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../../shared/format';
import type { MetricName } from '../../../shared/health';
import { isFinished } from '../../../shared/jobs';
import type { LiveOperation } from '../../../shared/live-operations';
import { no, unknown, yes, type Check } from './checks';
import { beforeAndDuring, eventsOf, hostOf, lastCapture, type Scene } from './scene';
import { everyOperation } from '../../../shared/slow-queries';

const longMs = 10_000;
const minute = 60_000;

/** What runs for applications, longest first. */
export function ofApplications(operations: readonly LiveOperation[]): LiveOperation[] {
  return operations
    .filter(({ internal, active, app }) => !internal && active && !(app ?? '').startsWith('Lifeboat'))
    .sort((a, b) => (b.runningMs ?? 0) - (a.runningMs ?? 0));
}

export function isIndexBuild({ message, command, connection }: LiveOperation): boolean {
  return (
    /index build/i.test(message ?? '') ||
    /"createIndexes"/.test(command ?? '') ||
    /^IndexBuilds?Coordinator/i.test(connection ?? '')
  );
}

function saysOf(operation: LiveOperation, seenAt: number): ReturnType<typeof yes> {
  const { kind, ns, app, runningMs, host } = operation;
  const by = app === null ? '' : ` of ${app}`;
  const since = runningMs === null ? null : seenAt - runningMs;
  const lasted = runningMs === null ? '' : ` for ${formatDuration(runningMs / 1000)}`;
  return yes(`A ${kind} on ${ns}${by} has been running on ${host}${lasted}.`, since);
}

/** Only of what is open: what ran then is not kept. */
export function whileOpen(check: Check): Check {
  return { ...check, look: (scene) => (scene.isOpen ? check.look(scene) : []) };
}

export const longOperations: Check = whileOpen({
  whether: 'a long operation runs',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const now = Date.now();
    const operations = await scene.operations(host);
    const builds = operations.filter(isIndexBuild);
    const long = ofApplications(operations).filter(
      (operation) => (operation.runningMs ?? 0) >= longMs && !isIndexBuild(operation),
    );
    if (builds.length === 0 && long.length === 0)
      return [no(`No operation has been running on ${host} for more than ten seconds, and no index is being built.`)];
    const built = builds[0];
    const found = built
      ? [
          yes(
            `An index is being built on ${host}${built.ns === '' ? '' : ` (${built.ns})`}${built.message === null ? '' : `: ${built.message}`}.`,
            built.runningMs === null ? null : now - built.runningMs,
          ),
        ]
      : [];
    return [...found, ...long.slice(0, 3).map((operation) => saysOf(operation, now))];
  },
});

export const backupReads: Check = whileOpen({
  whether: 'a backup reads from it',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const kinds = new Set(['backup', 'preview', 'restore']);
    const running = (await scene.jobs.list()).filter(
      (job) => kinds.has(job.kind) && job.connectionId === scene.incident.connectionId && !isFinished(job.status),
    );
    const operations = await scene.operations(host);
    const dumps = operations.filter(({ app, active }) => active && /^mongo(dump|restore)/i.test(app ?? ''));
    const [job] = running;
    if (dumps.length > 0) {
      const [since] = running.map(({ startedAt }) => (startedAt === null ? null : Date.parse(startedAt)));
      const app = dumps[0]?.app ?? 'mongodump';
      return [yes(`${app} is reading from ${host} now${job ? `: ${job.title}` : ''}.`, since ?? null)];
    }
    if (job) return [no(`${job.title} is running, but not on ${host} at the moment.`)];
    return [no(`No backup or restore is working on ${host}.`)];
  },
});

export const restarted: Check = {
  whether: 'it was restarted',
  look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const { since } = scene.incident;
    const restarts = eventsOf(scene, host, ['restarted']);
    const near = restarts.filter(({ at }) => at >= since - 30 * minute);
    const [newest] = near;
    if (!newest) return [no(`${host} was not restarted in the half hour before.`)];
    const often = near.length > 1 ? ` ${near.length} times` : '';
    return [yes(`${host} was restarted${often}: its cache begins empty, and it has to catch up.`, newest.at)];
  },
};

export const elections: Check = {
  whether: 'there was an election',
  look(scene) {
    const { since, set } = scene.incident;
    const found = scene.events
      .filter((event) => event.kind === 'election' && event.at >= since - 10 * minute && (!set || event.set === set))
      .reverse();
    const [newest] = found;
    return newest
      ? [yes(`${newest.text}: an election within the ten minutes before, or since.`, newest.at)]
      : [no('There was no election in the ten minutes before.')];
  },
};

/** Of the newest capture of the deployment, and of what runs now. */
export const collectionScans: Check = {
  whether: 'queries read whole collections',
  async look(scene) {
    const host = hostOf(scene);
    const now = scene.isOpen && host !== null ? ofApplications(await scene.operations(host)) : [];
    const live = now.filter(({ collscan }) => collscan);
    const running = live.slice(0, 3).map(({ ns, app, runningMs }) => {
      const by = app === null ? '' : ` of ${app}`;
      const since = runningMs === null ? null : Date.now() - runningMs;
      return yes(`A query${by} on ${ns} reads the whole collection on ${host ?? ''} now (COLLSCAN).`, since);
    });
    return running.length > 0 || host === null
      ? running
      : [no(`None of the ${formatQuantity(now.length, 'operation')} on ${host} at this moment is a COLLSCAN.`)].filter(
          () => scene.isOpen,
        );
  },
};

export const capturedScans: Check = {
  whether: 'the last capture holds COLLSCANs',
  async look(scene) {
    const capture = await lastCapture(scene);
    if (!capture)
      return [unknown('No slow operations of the last day were captured: a capture would name the queries.')];
    const lists = await scene.captures.ask(capture.id, 'collscans', { filter: everyOperation });
    const rows = [...lists.indexMayHelp, ...lists.fullReads];
    if (rows.length === 0) return [no(`The capture "${capture.title}" holds no COLLSCAN.`)];
    return rows.slice(0, 3).map(({ ns, shape, collscanCount, collscanMs, firstSeen }) => {
      const took = formatDuration(collscanMs / 1000);
      const text = shape.length > 120 ? `${shape.slice(0, 117)}…` : shape;
      const times = formatQuantity(collscanCount, 'COLLSCAN');
      return yes(`${ns}: ${times} of ${text}, ${took} in the capture "${capture.title}".`, firstSeen);
    });
  },
};

export const slowDisk: Check = whileOpen({
  whether: 'its disk is slow',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const { journalMs, checkpointMs } = await scene.movement(host);
    if (journalMs === null && checkpointMs === null)
      return [unknown(`${host} tells neither how long its journal nor how long its checkpoints take.`)];
    const journal = journalMs === null ? null : `a write of the journal takes ${journalMs.toFixed(1)} ms`;
    const checkpoint = checkpointMs === null ? null : `the last checkpoint took ${formatDuration(checkpointMs / 1000)}`;
    const text = [journal, checkpoint].filter((part) => part !== null).join(', ');
    const isSlow = (journalMs ?? 0) > 50 || (checkpointMs ?? 0) > minute;
    return isSlow ? [yes(`The disk of ${host} is slow: ${text}.`)] : [no(`The disk of ${host} keeps up: ${text}.`)];
  },
});

const writes: readonly MetricName[] = ['insertsPerSecond', 'updatesPerSecond', 'deletesPerSecond'];

/** More writes than in the hour before; on the primary where there is one. */
export const moreWrites: Check = {
  whether: 'more is written than before',
  async look(scene) {
    const host = scene.primary?.host ?? hostOf(scene);
    if (host === null) return [];
    return rose(scene, host, writes, 'writes a second', 20);
  },
};

export function moreOf(metric: MetricName, what: string, least: number): Check {
  return {
    whether: `there are more ${what}`,
    look: (scene) => {
      const host = hostOf(scene);
      return host === null ? [] : rose(scene, host, [metric], what, least);
    },
  };
}

async function rose(scene: Scene, host: string, metrics: readonly MetricName[], what: string, least: number) {
  const { before, during } = await beforeAndDuring(scene, host, metrics);
  if (before === null || during === null) return [unknown(`How many ${what} ${host} had before is not kept.`)];
  const [was, is] = [rounded(before), rounded(during)];
  const isMore = during > before * 1.5 && during - before > least;
  return isMore
    ? [yes(`${host} had ${was} ${what} in the hour before, and ${is} since.`, scene.incident.since)]
    : [no(`${host} has not many more ${what} than before: ${is} instead of ${was}.`)];
}

function rounded(value: number): string {
  return value < 10 ? value.toFixed(1) : formatCount(value);
}

export const cachePressure: Check = whileOpen({
  whether: 'its cache is under pressure',
  look(scene) {
    const member = scene.member ?? scene.primary;
    if (!member) return [];
    const { cacheUsedPercent: used, cacheDirtyPercent: dirty, indexBytes, memoryBytes } = member.metrics;
    if (used === null || dirty === null) return [unknown(`${member.host} does not tell how full its cache is.`)];
    const text = `${used.toFixed(0)} % used, ${dirty.toFixed(1)} % dirty`;
    const found =
      used > 95 || dirty > 20
        ? yes(`The cache of ${member.host} is under pressure: ${text}; operations have to make room themselves.`)
        : no(`The cache of ${member.host} has room: ${text}.`);
    if (indexBytes === null || memoryBytes === null || indexBytes <= memoryBytes) return [found];
    const sizes = `${formatBytes(indexBytes)} of indexes, ${formatBytes(memoryBytes)} of memory`;
    return [found, yes(`The indexes of ${member.host} do not fit into its memory: ${sizes}.`)];
  },
});

export const tickets: Check = whileOpen({
  whether: 'operations wait to be let in',
  look(scene) {
    const member = scene.member ?? scene.primary;
    if (!member) return [];
    const { readTicketsUsedPercent: reads, writeTicketsUsedPercent: writing, queuedOperations } = member.metrics;
    const queued = queuedOperations ?? 0;
    const full = Math.max(reads ?? 0, writing ?? 0);
    if (reads === null && writing === null && queuedOperations === null)
      return [unknown(`${member.host} does not tell how many operations wait.`)];
    return full >= 90 || queued > 10
      ? [
          yes(
            `${formatQuantity(queued, 'operation')} wait on ${member.host}, ${full.toFixed(0)} % of the tickets are taken.`,
          ),
        ]
      : [no(`Hardly anything waits on ${member.host}: ${formatQuantity(queued, 'operation')} queued.`)];
  },
});
