/** Why a set has no primary, and why a member is in a state that is none to work in. */
import type { MemberSample } from '../../../shared/health';
import { formatBytes, formatDuration } from '../../../shared/format';
import { listAt, numberAt, placeOf, textAt, valueAt } from '../sampler/server-values';
import { no, unknown, yes, type Check } from './checks';
import { elections, longOperations, restarted, whileOpen } from './load-causes';
import { eventsOf } from './scene';

const minute = 60_000;

function votesOf({ configuration }: MemberSample): number {
  return configuration?.votes ?? 1;
}

const names = (members: readonly { host: string }[]): string => members.map(({ host }) => host).join(', ');

const majority: Check = whileOpen({
  whether: 'a majority can be reached',
  look({ set, incident }) {
    if (!set) return [];
    const voting = set.members.filter((member) => votesOf(member) > 0);
    const reached = voting.filter(({ answered }) => answered);
    const needed = Math.floor(voting.length / 2) + 1;
    const missing = voting.filter(({ answered }) => !answered);
    return reached.length < needed
      ? [
          yes(
            `${reached.length} of ${voting.length} voting members answer, ${needed} are needed to elect a primary: ${names(missing)} must come back.`,
            incident.since,
          ),
        ]
      : [no(`A majority answers: ${reached.length} of ${voting.length} voting members, ${needed} are needed.`)];
  },
});

const formerPrimary: Check = {
  whether: 'the primary went',
  look(scene) {
    const { since, set } = scene.incident;
    const [lost] = scene.events
      .filter((event) => event.kind === 'no-primary' && event.set === set && Math.abs(event.at - since) < minute)
      .reverse();
    const host = lost?.host ?? null;
    if (host === null) return [];
    const [stopped] = eventsOf(scene, host, ['stopped-answering', 'state-changed']).filter(
      ({ at }) => Math.abs(at - since) < minute,
    );
    return [
      yes(stopped ? `${host} was primary. ${stopped.text}.` : `${host} was primary until then.`, lost?.at ?? since),
    ];
  },
};

const electable: Check = whileOpen({
  whether: 'anyone can be elected',
  look({ set }) {
    if (!set) return [];
    const there = set.members.filter(({ answered, state }) => answered && state !== 'ARBITER');
    const able = there.filter(
      ({ configuration, state }) => (configuration?.priority ?? 1) > 0 && state === 'SECONDARY',
    );
    if (able.length > 0) return [no(`${names(able)} may be elected: priority above 0, and a secondary.`)];
    const none = there.filter(({ configuration }) => configuration?.priority === 0);
    const why = none.length > 0 ? ` ${names(none)} have priority 0.` : '';
    return [yes(`None of the members that answer may be elected.${why}`)];
  },
});

const hearEachOther: Check = whileOpen({
  whether: 'the members hear each other',
  async look({ set, members }) {
    const there = (set?.members ?? []).filter(({ answered, state }) => answered && state !== 'ARBITER');
    if (there.length < 2) return [];
    const asked = await Promise.allSettled(
      there.map(async ({ host }) => ({ host, answer: await members.command(host, { replSetGetStatus: 1 }) })),
    );
    const deaf = asked.flatMap((each) => {
      if (each.status === 'rejected') return [];
      const { host, answer } = each.value;
      return listAt(answer, 'members')
        .filter((seen) => numberAt(seen, 'health') === 0 && there.some((other) => other.host === textAt(seen, 'name')))
        .map((seen) => `${host} does not hear ${textAt(seen, 'name') ?? ''}`);
    });
    if (asked.every(({ status }) => status === 'rejected')) return [unknown('No member could be asked whom it hears.')];
    return deaf.length > 0
      ? [yes(`The members that answer do not hear each other: ${deaf.join('; ')}.`)]
      : [no(`${names(there)} hear each other.`)];
  },
});

export const noPrimaryCauses: readonly Check[] = [formerPrimary, majority, hearEachOther, electable, elections];

const meanings: Readonly<Record<string, string>> = {
  STARTUP: 'It has started and not read its configuration yet',
  STARTUP2: 'It copies all data from another member (initial sync)',
  RECOVERING: 'It can neither be read nor elected until it has caught up',
  ROLLBACK: 'It takes back writes that no majority had, after an election',
  REMOVED: 'It is no member of the configuration any more',
  UNKNOWN: 'The other members do not know its state',
};

const meaning: Check = whileOpen({
  whether: 'its state says why',
  async look({ member, members, incident }) {
    if (!member) return [];
    const text = meanings[member.state] ?? `It is ${member.state}`;
    const answer = await members.command(member.host, { replSetGetStatus: 1, initialSync: 1 }).catch(() => null);
    const info = textAt(answer, 'infoMessage');
    const maintenance = numberAt(answer, 'maintenanceMode');
    const progress = initialSyncText(valueAt(answer, 'initialSyncStatus'));
    return [
      yes(`${text}${info ? `: ${info}` : ''}.`, incident.since),
      ...(maintenance === null ? [] : [yes(`It was put into maintenance mode (replSetMaintenance).`, incident.since)]),
      ...(progress === null ? [] : [yes(progress, incident.since)]),
    ];
  },
});

function initialSyncText(status: unknown): string | null {
  if (status === undefined) return null;
  const failures = numberAt(status, 'failedInitialSyncAttempts') ?? 0;
  const most = numberAt(status, 'maxFailedInitialSyncAttempts');
  const copied = numberAt(status, 'approxTotalBytesCopied');
  const total = numberAt(status, 'approxTotalDataSize');
  const left = numberAt(status, 'remainingInitialSyncEstimatedMillis');
  const how = copied === null || total === null ? '' : `: ${formatBytes(copied)} of ${formatBytes(total)} copied`;
  const rest = left === null ? '' : `, about ${formatDuration(left / 1000)} left`;
  const failed = failures > 0 ? `; ${failures}${most === null ? '' : ` of ${most}`} attempts failed` : '';
  return `The initial sync goes on${how}${rest}${failed}.`;
}

const tooStale: Check = whileOpen({
  whether: 'it fell off the oplog',
  async look({ member, primary, members }) {
    if (!member || !primary || member.state !== 'RECOVERING') return [];
    const answer = await members.command(primary.host, { replSetGetStatus: 1 });
    const seen = listAt(answer, 'members').find((each) => textAt(each, 'name') === member.host);
    const applied = placeOf(valueAt(seen, 'optime'), null);
    const first = await members.ask(primary.host, (client) =>
      client
        .db('local')
        .collection('oplog.rs')
        .findOne({}, { sort: { $natural: 1 }, projection: { ts: 1 }, maxTimeMS: 2000 }),
    );
    const begins = placeOf(first?.['ts'], null);
    if (!applied || !begins) return [unknown(`How far ${member.host} is behind is not told.`)];
    return applied.seconds < begins.seconds
      ? [
          yes(
            `It fell off the oplog: the oplog of ${primary.host} begins ${formatDuration(begins.seconds - applied.seconds)} after its last entry. Only an initial sync helps.`,
          ),
        ]
      : [no(`The oplog of ${primary.host} reaches back to what ${member.host} applied last: it can catch up.`)];
  },
});

const changes: Check = {
  whether: 'its state changed',
  look(scene) {
    const [last] = eventsOf(scene, scene.incident.host, ['state-changed', 'restarted', 'answers-again']);
    return last ? [yes(`${last.text}.`, last.at)] : [];
  },
};

export const stateCauses: readonly Check[] = [meaning, tooStale, changes, restarted, elections, longOperations];
