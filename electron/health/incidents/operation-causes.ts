/** What a member is busy with: active operations, locks, latency. */
import { formatDuration, formatQuantity } from '../../../shared/format';
import type { LiveOperation } from '../../../shared/live-operations';
import { no, yes, type Check } from './checks';
import {
  backupReads,
  cachePressure,
  capturedScans,
  collectionScans,
  elections,
  longOperations,
  moreOf,
  moreWrites,
  ofApplications,
  restarted,
  slowDisk,
  tickets,
  whileOpen,
} from './load-causes';
import { hostOf } from './scene';

function grouped(operations: readonly LiveOperation[], by: (operation: LiveOperation) => string) {
  const groups = new Map<string, LiveOperation[]>();
  for (const operation of operations) groups.set(by(operation), [...(groups.get(by(operation)) ?? []), operation]);
  return [...groups].sort((a, b) => b[1].length - a[1].length);
}

/** By collection and application. */
const busiest: Check = whileOpen({
  whether: 'a collection or an application is busy',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const now = Date.now();
    const operations = ofApplications(await scene.operations(host));
    if (operations.length === 0) return [no(`No application's operation runs on ${host} at this moment.`)];
    return grouped(
      operations,
      ({ ns, app, kind }) => `${kind} on ${ns || 'no collection'}${app === null ? '' : ` of ${app}`}`,
    )
      .slice(0, 3)
      .map(([what, own]) => {
        const longest = Math.max(...own.map(({ runningMs }) => runningMs ?? 0));
        const text = `${formatQuantity(own.length, 'operation')} of ${operations.length} on ${host}: ${what}, the longest for ${formatDuration(longest / 1000)}.`;
        // One quick query is what a member is there for.
        return own.length > 2 || longest >= 1000 ? yes(text, longest > 0 ? now - longest : null) : no(text);
      });
  },
});

const exclusive =
  /"(?:collMod|createIndexes|dropIndexes|drop|dropDatabase|compact|validate|renameCollection|convertToCapped)"/;

const lockWaits: Check = whileOpen({
  whether: 'an operation holds a lock',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const operations = await scene.operations(host);
    const waiting = operations.filter(({ waitingForLock }) => waitingForLock);
    if (waiting.length === 0) return [no(`No operation on ${host} waits for a lock at this moment.`)];
    const where = grouped(waiting, ({ ns }) => ns || 'no collection')[0]?.[0] ?? '';
    const found = [yes(`${formatQuantity(waiting.length, 'operation')} on ${host} wait for locks, most on ${where}.`)];
    const holder = ofApplications(operations).find(
      ({ command, waitingForLock }) => !waitingForLock && exclusive.test(command ?? ''),
    );
    if (!holder) return found;
    const since = holder.runningMs === null ? null : Date.now() - holder.runningMs;
    const text = `${exclusive.exec(holder.command ?? '')?.[0].replaceAll('"', '') ?? holder.kind} on ${holder.ns} needs the collection for itself`;
    return [...found, yes(`${text}${holder.app === null ? '' : `, by ${holder.app}`}.`, since)];
  },
});

export const operationCauses: readonly Check[] = [
  busiest,
  lockWaits,
  collectionScans,
  longOperations,
  tickets,
  slowDisk,
  cachePressure,
  backupReads,
  moreOf('requestsPerSecond', 'requests a second', 20),
];

export const lockCauses: readonly Check[] = [lockWaits, longOperations, tickets, busiest, slowDisk, moreWrites];

export const latencyCauses: readonly Check[] = [
  collectionScans,
  capturedScans,
  longOperations,
  lockWaits,
  tickets,
  slowDisk,
  cachePressure,
  backupReads,
  restarted,
  elections,
  moreOf('requestsPerSecond', 'requests a second', 20),
  moreWrites,
];

export const cacheCauses: readonly Check[] = [
  collectionScans,
  capturedScans,
  moreOf('collectionScansPerSecond', 'collection scans a second', 0.5),
  backupReads,
  restarted,
  cachePressure,
  moreOf('queriesPerSecond', 'queries a second', 20),
];

export const scanCauses: readonly Check[] = [
  collectionScans,
  capturedScans,
  moreOf('collectionScansPerSecond', 'collection scans a second', 0.5),
  backupReads,
];

export const loadCauses: readonly Check[] = [
  busiest,
  moreOf('requestsPerSecond', 'requests a second', 20),
  moreWrites,
  longOperations,
  backupReads,
  slowDisk,
];
