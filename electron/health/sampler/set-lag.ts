/** The lag of every secondary of a set and of its majority, from optimes of the same moment. */
import type { AgentAnswer } from './member-agent';
import type { MemberReader } from './member-reader';
import { isWorthAsking, lagSeconds, seenWaitingMs, withMark, type PrimaryMark } from './lag';
import type { OplogPlace } from './server-values';

/** Milliseconds the primary may take to look up an entry of its oplog. */
const lookupMs = 1000;

export interface SetLag {
  /** Seconds by host, of secondaries that answered. */
  members: Map<string, number>;
  majority: number | null;
}

/** Remembers where the primary of one set stood. */
export class LagWatch {
  #marks: PrimaryMark[] = [];
  #primary: string | null = null;

  async look(
    primary: AgentAnswer | null,
    reader: MemberReader | null,
    answers: readonly AgentAnswer[],
  ): Promise<SetLag> {
    const members = new Map<string, number>();
    const applied = primary?.reading?.applied;
    if (!primary?.reading || !applied) return { members, majority: null };
    // Where a former primary stood says nothing of this one: its last entries may have been rolled back.
    if (this.#primary !== primary.host) this.#marks = [];
    this.#primary = primary.host;
    const mark: PrimaryMark = { at: primary.reading.at, applied };
    const earlier = this.#marks;
    const lagOf = async (behind: OplogPlace, at: number): Promise<number> => {
      const found =
        reader && isWorthAsking(behind, applied, seenWaitingMs({ behind, primary: mark, earlier }))
          ? await reader.firstEntryAfter(behind, lookupMs).catch(() => null)
          : null;
      // As it was when the member was asked, not when the lookup ended.
      const firstMissing = found && { ...found, nowMs: found.nowMs - Math.max(0, Date.now() - at) };
      return lagSeconds({ behind, primary: mark, earlier, firstMissing });
    };
    const secondaries = answers.filter(
      ({ reading }) => reading?.state === 'SECONDARY' || reading?.state === 'RECOVERING',
    );
    const [majority] = await Promise.all([
      primary.reading.committed ? lagOf(primary.reading.committed, primary.reading.at) : null,
      ...secondaries.map(async ({ host, reading }) => {
        if (reading?.applied) members.set(host, await lagOf(reading.applied, reading.at));
      }),
    ]);
    this.#marks = withMark(earlier, mark);
    return { members, majority };
  }
}
