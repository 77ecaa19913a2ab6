/** Whom each secondary replicates from, told when it changes. Pure but for what it remembers. */
import type { HealthEvent, MemberSample, SetSample } from '../../../shared/health';

interface Known {
  /** The last one it had as a secondary. */
  source: string;
  /** Samples in a row in which it had none. */
  without: number;
}

/** While an election is on, every member is without a source for a moment. */
const withoutTold = 2;

function stateWords(member: MemberSample | undefined): string {
  if (!member) return 'not a member any more';
  if (!member.answered) return 'not answering';
  const lag = member.metrics.lagSeconds ?? 0;
  return lag >= 1 ? `${member.state}, ${lag.toFixed(0)} s behind` : member.state;
}

/** Remembers the sets of one deployment. */
export class SyncSourceWatch {
  readonly #known = new Map<string, Known>();

  /** What an election changes in the primary itself is the election's to tell. */
  look(set: SetSample, at: number): HealthEvent[] {
    return set.members.flatMap((member) => {
      const key = `${set.name}\n${member.host}`;
      if (!member.answered) return [];
      if (member.state !== 'SECONDARY') {
        this.#known.delete(key);
        return [];
      }
      const known = this.#known.get(key);
      const { host, syncSource } = member;
      const say = (text: string): HealthEvent[] => [{ at, kind: 'sync-source-changed', host, set: set.name, text }];
      const what = (of: string): string => stateWords(set.members.find((each) => each.host === of));
      if (syncSource === null) {
        if (!known) return [];
        known.without += 1;
        return known.without === withoutTold
          ? say(`${host} replicates from nobody; before from ${known.source} (now ${what(known.source)})`)
          : [];
      }
      this.#known.set(key, { source: syncSource, without: 0 });
      if (!known) return [];
      if (known.source !== syncSource)
        return say(
          `${host} now replicates from ${syncSource} (${what(syncSource)}); before from ${known.source} (now ${what(known.source)})`,
        );
      return known.without >= withoutTold ? say(`${host} replicates from ${syncSource} again`) : [];
    });
  }
}
