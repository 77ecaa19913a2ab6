/** The steps to take, in their order, by what an incident is about. Pure. */
import type { Incident } from '../../../shared/alerts';
import type { Subject } from './about';

type Named = Pick<Incident, 'host' | 'set'>;

const stepsBySubject: Readonly<Record<Subject, (about: Named) => string[]>> = {
  'member-down': ({ host, set }) => [
    `See on the page of the set whether ${set ?? 'it'} still has a primary and a majority: if not, that comes first.`,
    `Log in to the machine of ${host ?? 'the member'} and see whether mongod runs (systemctl status mongod).`,
    'Read the end of its log: why it ended, whether the disk was full, whether the system ended it for want of memory (dmesg).',
    'Start it and watch its state until it is SECONDARY and its lag is back to zero.',
    'If it does not come back before the oplog window has passed, plan an initial sync (see the guide to resync).',
    'If only Lifeboat does not reach it, look at firewalls, names and certificates between here and there.',
  ],
  'no-primary': ({ set }) => [
    'Writes fail now: tell those who run the applications.',
    'Bring back the members that do not answer, those with votes first: a majority elects a primary by itself.',
    'See that the remaining members reach each other, by the names in the configuration and the port.',
    `If a majority is lost for good, reconfigure ${set ?? 'the set'} from a surviving member with force, once it is certain that the others do not come back: writes that only they had are lost.`,
    'Afterwards see which writes were rolled back (the folder rollback of the former primary).',
  ],
  'member-state': ({ host }) => [
    `See in the likely causes what ${host ?? 'the member'} is doing: an initial sync and a rollback end by themselves.`,
    'Read its log from when the state changed.',
    'If it fell off the oplog, resync it: only copying all data helps.',
    'If it was put into maintenance mode, end that: db.adminCommand({ replSetMaintenance: false }).',
  ],
  lag: ({ host }) => [
    `See in the likely causes what keeps ${host ?? 'the member'} from applying: a lock, an index build, a backup, its disk.`,
    'Unlock it (db.fsyncUnlock()), or end the operation that holds it up (Slow queries, Live operations).',
    'If many writes are the reason, slow down the job that makes them; write with { w: "majority" } so that it waits.',
    'Keep an eye on the oplog window: while the lag is well below it, the member can catch up by itself.',
    'If its disk or machine is too slow for the load, move reads and backups to another member, then replace it.',
  ],
  connections: ({ host }) => [
    `See in the likely causes which application holds the connections to ${host ?? 'the member'}.`,
    'Lower maxPoolSize of that application, or end the instances of it that are stuck.',
    'If its connections wait for slow operations, look there first: more connections would not help.',
    'Raise the limit (--maxConns, the limit of open files) only when memory allows: each connection takes up to 1 MiB.',
  ],
  operations: () => [
    'See in the likely causes which collection and application is busy, and open Live operations.',
    'End what should not run (guarded, audited); do not end what replication needs.',
    'Capture slow operations for ten minutes and see the shapes with the most time and their COLLSCANs.',
    'If operations wait for tickets or the disk, reduce the load: adding more of it makes everything slower.',
  ],
  locks: () => [
    'See in the likely causes what waits, and which operation needs the collection for itself.',
    'End that operation if it can be repeated later (an index build, a validate, a compact).',
    'Do such work one member at a time, on a secondary, outside the busy hours.',
  ],
  latency: () => [
    'See whether all operations are slow (disk, cache, tickets) or only those of one collection (an index is missing).',
    'Capture slow operations for ten minutes: shapes with COLLSCAN or many documents examined come first.',
    'Take the advice on indexes, tried in a sandbox, or end the operation that takes everything.',
    'See whether it began with an election, a restart, a deployment of the application or a backup.',
  ],
  cache: () => [
    'See in the likely causes whether queries read whole collections: they push everything else out of the cache.',
    'Build the missing index, or move the report to a hidden secondary.',
    'After a restart a low ratio is usual: it rises as the cache fills.',
    'If the working set has outgrown the cache for good, more memory helps; nothing else does.',
  ],
  scans: () => [
    'Capture slow operations for ten minutes (Slow queries) to know which shapes read whole collections.',
    'Take the advice on indexes for them, tried in a sandbox.',
    'Exports, backups and small collections are read whole on purpose: raise the threshold or limit the rule if that is all.',
  ],
  disk: ({ host }) => [
    `See in the likely causes what takes the disk of ${host ?? 'the member'}, and when it will be full.`,
    'Delete what is not MongoDB’s first: old logs, dumps, core files.',
    'Delete or archive old documents (a TTL index), then give the space back by compact, on one secondary after the other.',
    'Drop indexes that nobody uses (Indexes).',
    'Enlarge the disk before 95 %: mongod ends when it cannot write any more.',
  ],
  'index-size': () => [
    'Review the indexes: drop those that are redundant or unused, hidden for a week first.',
    'Make large indexes smaller: partial ones, fewer fields, no multikey on long arrays.',
    'Then the machine needs more memory, or the collection shards.',
  ],
  oplog: () => [
    'See in the likely causes what fills the oplog, and since when.',
    'Enlarge it on every member: db.adminCommand({ replSetResizeOplog: 1, size: <MB> }), the secondaries first.',
    'Let bulk jobs write less at once, and outside the time of backups.',
    'Until then no member may be away, and no backup last, longer than the window.',
  ],
  'flow-control': () => [
    'See which secondary lags: writes with { w: "majority" } wait for it.',
    'Treat that lag (its own alert says how).',
    'If the member cannot be helped soon, take its vote (reconfigure), so that a majority is reached without it.',
  ],
  store: () => [
    'See in the likely causes which deployment takes the disk of the backups.',
    'Delete backups that are not needed any more, pinned ones included when their reason has passed.',
    'Move the store to a larger disk, or back up into a second store.',
    'A full disk makes the next backup fail.',
  ],
  backup: () => [
    'Read the log of the newest backup job: what failed, and where.',
    'Make a backup now, and see that its verification passes.',
    'If it took long or grew, see which collections did (the list of its namespaces).',
    'If the store is full or unreachable, mend that first.',
  ],
  load: () => [
    'See in the likely causes what changed since it began, and the chart of the hour before.',
    'Open Live operations and end what should not run.',
    'If the value is usual for this deployment, change the threshold of the rule, tried against the history.',
  ],
};

export function stepsOf(subject: Subject, incident: Named): string[] {
  return stepsBySubject[subject](incident);
}
