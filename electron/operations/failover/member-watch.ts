/** Asks every member again and again what it is, so that changes are known to a few hundredths of a second. */
import { hello } from '../../connections/deployment';
import type { SetAccess } from '../set-access';
import { pause, withinLimit } from '../waiting';

export type SeenState = 'primary' | 'secondary' | 'arbiter' | 'neither' | 'silent';

const everyMs = 40;
const answerMs = 10_000;

async function look(access: SetAccess, host: string): Promise<SeenState> {
  try {
    const answer = await withinLimit(hello(await access.member(host)), answerMs, host);
    if ((answer['isWritablePrimary'] ?? answer['ismaster']) === true) return 'primary';
    if (answer['secondary'] === true) return 'secondary';
    return answer['arbiterOnly'] === true ? 'arbiter' : 'neither';
  } catch {
    return 'silent';
  }
}

export interface MemberWatch {
  readonly states: ReadonlyMap<string, SeenState>;
  stop(): Promise<void>;
}

/** Tells each change with its time by the clock of `performance.now()`. */
export function watchMembers(
  access: SetAccess,
  hosts: readonly string[],
  onChange: (host: string, state: SeenState, at: number) => void,
): MemberWatch {
  const states = new Map<string, SeenState>();
  let stopped = false;
  const watching = hosts.map(async (host) => {
    while (!stopped) {
      const state = await look(access, host);
      if (states.get(host) !== state && !stopped) {
        states.set(host, state);
        onChange(host, state, performance.now());
      }
      await pause(everyMs);
    }
  });
  return {
    states,
    stop: async () => {
      stopped = true;
      await Promise.all(watching);
    },
  };
}
