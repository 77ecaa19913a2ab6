/** What takes up a disk, an oplog, the connections. */
import type { Document } from 'mongodb';
import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../../shared/format';
import type { MetricName } from '../../../shared/health';
import { liveOperation } from '../../profiler/live/live-operation';
import { operationsNow } from '../../profiler/live/current-operations';
import { numberAt, textAt } from '../sampler/server-values';
import { no, unknown, yes, type Check } from './checks';
import { whileOpen } from './load-causes';
import { hostOf, hourMs, linesOf, type Scene } from './scene';

const askedMs = 2000;

function counted(names: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

const holders: Check = whileOpen({
  whether: 'an application holds the connections',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const entries = await scene.members.ask(host, (client) => operationsNow(client, true));
    const seenAt = Date.now();
    const clients = entries.map((entry) => liveOperation(entry, host, seenAt)).filter(({ client }) => client !== null);
    if (clients.length === 0) return [unknown(`${host} names no client of its connections.`)];
    const address = (client: string | null): string => (client ?? '').replace(/:\d+$/, '');
    const nameless = 'Clients that name no application';
    const apps = counted(clients.map(({ app }) => app ?? nameless));
    return apps.slice(0, 3).map(([app, count]) => {
      const own = clients.filter((each) => (each.app ?? nameless) === app);
      const from = counted(own.map(({ client }) => address(client)));
      const [first] = from;
      const where =
        from.length === 1 ? `from ${first?.[0] ?? ''}` : `from ${from.length} clients, most from ${first?.[0] ?? ''}`;
      return yes(
        `${app} ${app === nameless ? 'hold' : 'holds'} ${formatCount(count)} of ${formatQuantity(clients.length, 'connection')} to ${host}, ${where}.`,
      );
    });
  },
});

const connectionStorm: Check = whileOpen({
  whether: 'connections are made all the time',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const { connectionsMade, seconds } = await scene.movement(host);
    if (connectionsMade === null) return [unknown(`${host} does not tell how many connections are made.`)];
    const rate = connectionsMade / seconds;
    return rate > 20
      ? [
          yes(
            `${formatCount(rate)} connections a second are made to ${host}: a client that does not pool them, or tries again and again.`,
          ),
        ]
      : [no(`${host} is not flooded with new connections: ${rate.toFixed(1)} a second.`)];
  },
});

const lowLimit: Check = whileOpen({
  whether: 'the limit is low',
  look(scene) {
    const member = scene.member;
    const { connections, connectionsAvailable } = member?.metrics ?? {};
    if (!member || connections == null || connectionsAvailable == null) return [];
    const limit = connections + connectionsAvailable;
    return limit < 1000
      ? [yes(`${member.host} takes ${formatCount(limit)} connections at most: --maxConns, or its limit of open files.`)]
      : [no(`${member.host} takes up to ${formatCount(limit)} connections.`)];
  },
});

const risen: Check = {
  whether: 'the connections rose',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const { since } = scene.incident;
    const [line] = await linesOf(scene, [host], ['connections'], since - 24 * hourMs, scene.until);
    const known = (line?.at ?? []).flatMap((at, index) => {
      const value = line?.max[index] ?? null;
      return value === null ? [] : [{ at, value }];
    });
    const peak = known.reduce<{ at: number; value: number } | null>(
      (best, each) => (!best || each.value > best.value ? each : best),
      null,
    );
    const before = known.filter(({ at }) => at < since - hourMs / 6);
    if (!peak || before.length === 0) return [unknown(`How many connections ${host} had before is not kept.`)];
    const usual = [...before].map(({ value }) => value).sort((a, b) => a - b)[Math.floor(before.length / 2)] ?? 0;
    const begin = known.find(({ value }) => value > usual * 1.3 && value > usual + 10);
    return begin && peak.value > usual * 1.3 && peak.value > usual + 10
      ? [
          yes(
            `${host} usually has ${formatCount(usual)} connections; they rose to ${formatCount(peak.value)}.`,
            begin.at,
          ),
        ]
      : [no(`${host} usually has as many connections: ${formatCount(usual)}.`)];
  },
};

export const connectionCauses: readonly Check[] = [holders, risen, connectionStorm, lowLimit];

/** Sizes of the databases of a member, the largest first. */
async function databaseSizes({ members }: Scene, host: string): Promise<{ name: string; bytes: number }[]> {
  const answer = await members.command(host, { listDatabases: 1, maxTimeMS: askedMs });
  const databases: unknown = (answer as Document)['databases'];
  return (Array.isArray(databases) ? (databases as unknown[]) : [])
    .map((each) => ({ name: textAt(each, 'name') ?? '', bytes: numberAt(each, 'sizeOnDisk') ?? 0 }))
    .sort((a, b) => b.bytes - a.bytes);
}

interface CollectionSize {
  ns: string;
  bytes: number;
  indexBytes: number;
  freeBytes: number;
}

/** One after the other, until the time is up: what has been asked by then is told. */
async function collectionSizes({ members }: Scene, host: string, database: string): Promise<CollectionSize[]> {
  const until = Date.now() + askedMs;
  return members.ask(host, async (client) => {
    const db = client.db(database);
    const names = await db.listCollections({ type: 'collection' }, { nameOnly: true, maxTimeMS: askedMs }).toArray();
    const sizes: CollectionSize[] = [];
    for (const { name } of names) {
      if (Date.now() > until) break;
      const stats = await db
        .collection(name)
        .aggregate([{ $collStats: { storageStats: {} } }], { maxTimeMS: askedMs })
        .next()
        .catch(() => null);
      const of = (field: string): number => numberAt(stats, 'storageStats', field) ?? 0;
      const [bytes, indexBytes] = [of('storageSize'), of('totalIndexSize')];
      sizes.push({
        ns: `${database}.${name}`,
        bytes: bytes + indexBytes,
        indexBytes,
        freeBytes: of('freeStorageSize'),
      });
    }
    return sizes.sort((a, b) => b.bytes - a.bytes);
  });
}

const largest: Check = whileOpen({
  whether: 'a collection takes most of the disk',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const databases = await databaseSizes(scene, host);
    const total = databases.reduce((sum, { bytes }) => sum + bytes, 0);
    const [first] = databases;
    if (!first || total === 0) return [unknown(`${host} tells no sizes.`)];
    const sizes = await collectionSizes(scene, host, first.name);
    const free = sizes.reduce((sum, { freeBytes }) => sum + freeBytes, 0);
    const used = scene.member?.metrics.diskUsedBytes ?? null;
    const others = used === null ? 0 : used - total;
    return [
      yes(`The largest database on ${host} is ${first.name}: ${formatBytes(first.bytes)} of ${formatBytes(total)}.`),
      ...sizes
        .slice(0, 3)
        .map(({ ns, bytes, indexBytes }) =>
          yes(`${ns} takes ${formatBytes(bytes)}, ${formatBytes(indexBytes)} of it indexes.`),
        ),
      ...(free > first.bytes * 0.2
        ? [yes(`${formatBytes(free)} inside the files of ${first.name} are free and could be given back by compact.`)]
        : [
            no(
              `Little could be given back by compact: ${formatBytes(free)} are free inside the files of ${first.name}.`,
            ),
          ]),
      ...(others > total
        ? [yes(`${formatBytes(others)} on that disk are not MongoDB's data: logs, dumps, other programs.`)]
        : []),
    ];
  },
});

function slopePerHour(
  at: readonly number[],
  values: readonly (number | null)[],
): { perHour: number; hours: number } | null {
  const known = at.flatMap((time, index) => {
    const value = values[index] ?? null;
    return value === null ? [] : [{ time, value }];
  });
  const [first, last] = [known[0], known.at(-1)];
  const hours = first && last ? (last.time - first.time) / hourMs : 0;
  return first && last && hours > 0.25 ? { perHour: (last.value - first.value) / hours, hours } : null;
}

const growth: Check = {
  whether: 'the disk fills up',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const lines = await linesOf(
      scene,
      [host],
      ['diskUsedBytes', 'diskTotalBytes'],
      scene.until - 7 * 24 * hourMs,
      scene.until,
    );
    const of = (metric: MetricName) => lines.find((line) => line.metric === metric);
    const used = of('diskUsedBytes');
    const slope = used && slopePerHour(used.at, used.mean);
    const last = (metric: MetricName) =>
      of(metric)
        ?.mean.filter((value): value is number => value !== null)
        .at(-1);
    if (!slope) return [unknown(`How the disk of ${host} grew is not kept for long enough.`)];
    const left = (last('diskTotalBytes') ?? 0) - (last('diskUsedBytes') ?? 0);
    const days = slope.perHour > 0 ? left / slope.perHour / 24 : Infinity;
    const text = `the disk of ${host} grew by ${formatBytes(Math.max(0, slope.perHour * 24))} a day in the last ${formatDuration(slope.hours * 3600)}`;
    return days < 60
      ? [yes(`It fills up: ${text}, and is full in ${formatDuration(days * 86_400)} if that goes on.`)]
      : [no(`It does not fill up soon: ${text}.`)];
  },
};

export const diskCauses: readonly Check[] = [largest, growth];

const oplogWriters: Check = whileOpen({
  whether: 'a collection fills the oplog',
  async look(scene) {
    const host = scene.primary?.host ?? hostOf(scene);
    if (host === null) return [];
    const entries = await scene.members.ask(host, (client) =>
      client
        .db('local')
        .collection('oplog.rs')
        .find({}, { sort: { $natural: -1 }, limit: 3000, maxTimeMS: askedMs })
        .project({ ns: 1, bytes: { $bsonSize: '$$ROOT' } })
        .toArray(),
    );
    const found = new Map<string, { bytes: number; count: number }>();
    for (const entry of entries) {
      const ns = textAt(entry, 'ns') ?? '';
      const { bytes, count } = found.get(ns) ?? { bytes: 0, count: 0 };
      found.set(ns, { bytes: bytes + (numberAt(entry, 'bytes') ?? 0), count: count + 1 });
    }
    const total = [...found.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const named = [...found]
      .filter(([ns]) => ns !== '')
      .sort((a, b) => b[1].bytes - a[1].bytes)
      // What wrote next to nothing fills nothing.
      .filter(([, { bytes }]) => bytes > total * 0.02);
    if (named.length === 0) return [no(`No collection stands out in the newest entries of the oplog of ${host}.`)];
    return named.slice(0, 3).map(([ns, { bytes, count }]) => {
      const share = ((bytes / total) * 100).toFixed(0);
      const how = formatQuantity(count, 'entry', 'entries');
      return yes(`${ns} wrote ${share} % of the newest part of the oplog of ${host} (${how}).`);
    });
  },
});

const oplogSize: Check = whileOpen({
  whether: 'the oplog is small',
  look({ primary, member }) {
    const of = member ?? primary;
    const { oplogBytesPerHour: rate, oplogReachHours: reach } = of?.metrics ?? {};
    if (!of || rate == null || reach == null) return [];
    const needed = rate * 48;
    const text = `${of.host} writes ${formatBytes(rate)} an hour into it, so that it reaches back ${formatDuration(reach * 3600)}`;
    return reach < 48
      ? [yes(`The oplog is small for what is written: ${text}; for 48 h it would have to hold ${formatBytes(needed)}.`)]
      : [no(`The oplog is large enough for 48 h: ${text}.`)];
  },
});

export const oplogSizeCauses: readonly Check[] = [oplogSize, oplogWriters];

export const indexSizes: Check = whileOpen({
  whether: 'a collection has large indexes',
  async look(scene) {
    const host = hostOf(scene);
    if (host === null) return [];
    const [first] = (await databaseSizes(scene, host)).filter(({ name }) => name !== 'local');
    if (!first) return [];
    const sizes = (await collectionSizes(scene, host, first.name)).sort((a, b) => b.indexBytes - a.indexBytes);
    return sizes.slice(0, 3).map(({ ns, indexBytes }) => yes(`${ns} has ${formatBytes(indexBytes)} of indexes.`));
  },
});
