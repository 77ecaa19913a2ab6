/** Why a member does not answer. */
import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { formatDuration } from '../../../shared/format';
import { dateAt, listAt, numberAt, textAt } from '../sampler/server-values';
import { no, unknown, yes, type Check } from './checks';
import { whileOpen } from './load-causes';
import { eventsOf, hourMs, lastBefore, type Scene } from './scene';

const portMs = 2000;
const minute = 60_000;

type PortAnswer = 'open' | 'refused' | 'no answer' | 'no route' | 'no name';

function splitHost(host: string): { name: string; port: number } {
  const at = host.lastIndexOf(':');
  return { name: host.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(host.slice(at + 1)) || 27017 };
}

/** Whether anything accepts connections there; no word of MongoDB is spoken. */
async function tryPort(host: string): Promise<PortAnswer> {
  const { name, port } = splitHost(host);
  if (isIP(name) === 0) {
    const isKnown = await lookup(name).then(
      () => true,
      () => false,
    );
    if (!isKnown) return 'no name';
  }
  return new Promise((resolve) => {
    const socket = connect({ host: name, port });
    const end = (answer: PortAnswer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(portMs, () => end('no answer'));
    socket.once('connect', () => end('open'));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') end('refused');
      else end(error.code === 'EHOSTUNREACH' || error.code === 'ENETUNREACH' ? 'no route' : 'no answer');
    });
  });
}

const port: Check = whileOpen({
  whether: 'its port is open',
  async look({ incident: { host, since }, member }) {
    if (host === null) return [];
    const problem = member?.problem ?? null;
    if (problem?.code === 'authentication' || problem?.code === 'not-authorized' || problem?.code === 'tls')
      return [yes(`It is there and does not let Lifeboat in: ${problem.message}`, since)];
    const { name } = splitHost(host);
    switch (await tryPort(host)) {
      case 'open':
        return [
          yes(
            `${host} accepts connections and does not answer: its process is there but hangs, is stopped, or waits for its disk.`,
            since,
          ),
        ];
      case 'refused':
        return [yes(`Nothing listens at ${host}: mongod ended there, or listens elsewhere.`, since)];
      case 'no route':
        return [yes(`There is no way to ${host} from this computer: the machine or its network is down.`, since)];
      case 'no name':
        return [yes(`The name ${name} is not known to this computer's DNS.`, since)];
      case 'no answer':
        return [yes(`${host} does not take connections: the machine is off, or a firewall swallows them.`, since)];
    }
  },
});

interface Opinion {
  by: string;
  healthy: boolean;
  heardAt: number | null;
  says: string | null;
}

async function opinionsOn(host: string, { members, set }: Scene): Promise<Opinion[]> {
  const others = (set?.members ?? []).filter(
    (other) => other.host !== host && other.answered && other.state !== 'ARBITER',
  );
  const asked = await Promise.allSettled(
    others.map(async (other) => {
      const answer = await members.command(other.host, { replSetGetStatus: 1 });
      const seen = listAt(answer, 'members').find((each) => textAt(each, 'name') === host);
      if (seen === undefined) return null;
      return {
        by: other.host,
        healthy: numberAt(seen, 'health') !== 0,
        heardAt: dateAt(seen, 'lastHeartbeatRecv'),
        says: textAt(seen, 'lastHeartbeatMessage') || null,
      };
    }),
  );
  return asked.flatMap((each) => (each.status === 'fulfilled' && each.value ? [each.value] : []));
}

/** Heartbeats come every 2 s and may take 10: until then members take a silent one for healthy. */
const heartbeatsLastMs = 15_000;

const heardByOthers: Check = whileOpen({
  whether: 'the other members hear it',
  async look(scene) {
    const { host } = scene.incident;
    if (host === null || !scene.set) return [];
    const opinions = await opinionsOn(host, scene);
    if (opinions.length === 0) return [unknown('No other member could be asked whether it hears it.')];
    const hearing = opinions.filter(({ healthy }) => healthy).map(({ by }) => by);
    if (hearing.length === opinions.length && Date.now() - scene.incident.since < heartbeatsLastMs)
      return [unknown(`Members notice after some ten seconds that ${host} is silent: none of them has yet.`)];
    if (hearing.length === opinions.length)
      return [yes(`${hearing.join(' and ')} hear ${host}: only Lifeboat does not reach it.`, scene.incident.since)];
    const heard = Math.max(...opinions.map(({ heardAt }) => heardAt ?? 0));
    const last = heard > 0 ? ` It was last heard ${formatDuration((Date.now() - heard) / 1000)} ago.` : '';
    const words = opinions.find(({ says }) => says !== null);
    const details = words?.says ? { details: `${words.by} says: ${words.says}` } : {};
    return hearing.length > 0
      ? [
          {
            ...yes(
              `Some members hear ${host} (${hearing.join(', ')}) and others do not: the network between them is broken.`,
            ),
            ...details,
          },
        ]
      : [{ ...no(`No other member hears ${host} either: it is not the way from this computer.${last}`), ...details }];
  },
});

const restarts: Check = {
  whether: 'it was restarted before',
  look(scene) {
    const { host, since } = scene.incident;
    const before = eventsOf(scene, host, ['restarted']).filter(({ at }) => at < since);
    const [newest] = before;
    if (!newest) return [no(`${host ?? 'It'} was not restarted in the hour before.`)];
    return before.length > 1
      ? [yes(`${host ?? 'It'} was restarted ${before.length} times in the hour before: it may be crashing.`, newest.at)]
      : [yes(`${host ?? 'It'} was restarted shortly before.`, newest.at)];
  },
};

const stateBefore: Check = {
  whether: 'its state changed before',
  look(scene) {
    const { host, since } = scene.incident;
    const [last] = eventsOf(scene, host, ['state-changed', 'election', 'answers-again']).filter(({ at }) => at < since);
    return last
      ? [yes(`Before it went: ${last.text}.`, last.at)]
      : [no(`The state of ${host ?? 'it'} had not changed in the hour before.`)];
  },
};

const wentTogether: Check = {
  whether: 'others went with it',
  look(scene) {
    const { host, since } = scene.incident;
    const stopped = scene.events.filter(
      ({ kind, at, host: other }) =>
        kind === 'stopped-answering' && other !== host && Math.abs(at - since) < 2 * minute,
    );
    const others = [...new Set(stopped.map((event) => event.host))];
    if (others.length === 0) return [no('No other member stopped answering at that time.')];
    const machine = others.every((other) => splitHost(other ?? '').name === splitHost(host ?? '').name);
    const where = machine ? ', on the same machine' : ': look for what they share';
    return [yes(`${others.join(', ')} stopped answering at the same time${where}.`, stopped[0]?.at ?? null)];
  },
};

const exhausted: Check = {
  whether: 'it had run out of something',
  async look(scene) {
    const { host, since } = scene.incident;
    if (host === null) return [];
    const last = await lastBefore(scene, host, [
      'diskUsedPercent',
      'residentBytes',
      'memoryBytes',
      'connectionsAvailable',
      'cacheDirtyPercent',
    ]);
    if (last.size === 0) return [unknown(`How ${host} was before is not kept.`)];
    const disk = last.get('diskUsedPercent') ?? 0;
    const left = last.get('connectionsAvailable') ?? Infinity;
    const memory = last.get('memoryBytes') ?? 0;
    const share = memory > 0 ? ((last.get('residentBytes') ?? 0) / memory) * 100 : 0;
    const found = [
      ...(disk > 97 ? [yes(`Its disk was ${disk.toFixed(0)} % full when it went.`, since)] : []),
      ...(share > 85
        ? [
            yes(
              `It used ${share.toFixed(0)} % of the machine's memory when it went: the system may have ended it.`,
              since,
            ),
          ]
        : []),
      ...(left < 5 ? [yes(`It had ${left.toFixed(0)} connections left when it went.`, since)] : []),
    ];
    if (found.length > 0) return found;
    return [no(`Disk (${disk.toFixed(0)} %), memory and connections of ${host} were not exhausted when it went.`)];
  },
};

const reconfigured: Check = {
  whether: 'the set was reconfigured',
  look(scene) {
    const { since, set } = scene.incident;
    const [last] = scene.events
      .filter(
        (event) =>
          ['reconfigured', 'member-added', 'member-removed'].includes(event.kind) &&
          event.at > since - hourMs &&
          (set === null || event.set === set),
      )
      .reverse();
    return last ? [yes(`The set was changed: ${last.text}.`, last.at)] : [];
  },
};

export const downCauses: readonly Check[] = [
  port,
  heardByOthers,
  wentTogether,
  exhausted,
  restarts,
  reconfigured,
  stateBefore,
];
