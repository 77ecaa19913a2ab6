/** What changed between one sample and the next, in words. Pure but for what it remembers. */
import {
  membersOf,
  type DeploymentSample,
  type HealthEvent,
  type MemberSample,
  type SetSample,
} from '../../../shared/health';
import { SyncSourceWatch } from './sync-source-watch';

interface Known {
  state: string;
  answered: boolean;
  /** Of the last answer: uptime, and when that was. */
  uptimeSeconds: number | null;
  at: number;
}

interface KnownSet {
  primary: string | null;
  term: number | null;
  hosts: ReadonlySet<string>;
}

/** Remembers the last sample of one deployment. */
export class EventWatch {
  readonly #members = new Map<string, Known>();
  readonly #sets = new Map<string, KnownSet>();
  readonly #syncSources = new SyncSourceWatch();

  /** Events of a sample, against the ones before; of the first what is wrong already, so that its end has a beginning. */
  look(sample: DeploymentSample): HealthEvent[] {
    const events = [
      ...sample.sets.flatMap((set) => this.#lookAtSet(set, sample.at)),
      ...sample.sets.flatMap((set) => set.members.flatMap((member) => this.#lookAtMember(member, set.name))),
      ...sample.singles.flatMap((member) => this.#lookAtMember(member, null)),
      ...sample.sets.flatMap((set) => this.#syncSources.look(set, sample.at)),
    ];
    const present = new Set(membersOf(sample).map(({ host }) => host));
    if (present.size > 0) for (const host of this.#members.keys()) if (!present.has(host)) this.#members.delete(host);
    return events;
  }

  #lookAtSet(set: SetSample, at: number): HealthEvent[] {
    const events: HealthEvent[] = [];
    const known = this.#sets.get(set.name);
    const hosts = new Set(set.members.map(({ host }) => host));
    const say = (kind: HealthEvent['kind'], host: string | null, text: string): void =>
      void events.push({ at, kind, host, set: set.name, text });
    if (known) {
      for (const host of hosts) if (!known.hosts.has(host)) say('member-added', host, `${host} joined ${set.name}`);
      for (const host of known.hosts) if (!hosts.has(host)) say('member-removed', host, `${host} left ${set.name}`);
      if (known.primary !== null && set.primary === null)
        say('no-primary', known.primary, `${set.name} has no primary`);
      const elected =
        set.primary !== null && (set.primary !== known.primary || (set.term ?? 0) > (known.term ?? Infinity));
      if (elected)
        say('election', set.primary, `${set.primary ?? ''} became primary of ${set.name} in term ${set.term ?? '?'}`);
    } else if (set.primary === null) say('no-primary', null, `${set.name} had no primary when watching it began`);
    // A set without primary still knows the term of the last one: the next election is one against that.
    this.#sets.set(set.name, { primary: set.primary, term: set.term ?? known?.term ?? null, hosts });
    return events;
  }

  #lookAtMember(member: MemberSample, set: string | null): HealthEvent[] {
    const { host, at } = member;
    const events: HealthEvent[] = [];
    const known = this.#members.get(host);
    const say = (kind: HealthEvent['kind'], text: string): void => void events.push({ at, kind, host, set, text });
    if (known) {
      if (known.answered && !member.answered)
        say('stopped-answering', `${host} stopped answering: ${member.problem?.message ?? 'no reason is known'}`);
      if (!known.answered && member.answered) say('answers-again', `${host} answers again, as ${member.state}`);
      if (this.#restarted(known, member)) say('restarted', `${host} was restarted`);
      if (known.state !== member.state && member.answered && known.answered)
        say('state-changed', `${host}: ${known.state} became ${member.state}`);
    } else if (!member.answered)
      say(
        'stopped-answering',
        `${host} did not answer when watching it began: ${member.problem?.message ?? 'no reason is known'}`,
      );
    this.#members.set(host, {
      state: member.state,
      answered: member.answered,
      uptimeSeconds: member.uptimeSeconds ?? (member.answered ? null : (known?.uptimeSeconds ?? null)),
      at: member.answered ? at : (known?.at ?? at),
    });
    return events;
  }

  #restarted(known: Known, { answered, uptimeSeconds, at }: MemberSample): boolean {
    if (!answered || uptimeSeconds === null || known.uptimeSeconds === null) return false;
    // Half of the time that passed allows for clocks that stood still.
    return uptimeSeconds < known.uptimeSeconds + Math.max(0, at - known.at) / 2000 - 1;
  }
}
