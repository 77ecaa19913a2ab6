/** The primary gives up its office, and another member takes over. */
import { MongoNetworkError, MongoServerError } from 'mongodb';
import { formatDuration } from '../../shared/format';
import { AppFailure, fail } from '../../shared/result';
import { diagnoseDriverError } from '../connections/diagnose';
import {
  note,
  refused,
  stateChangeNeeds,
  warning,
  type OperationRun,
  type PlanInput,
  type PlannedOperation,
  type Remark,
} from './planned-operation';
import type { SetAccess } from './set-access';
import { countsNow, electableBeside, findPrimary, requirePrimary, type SetState } from './set-state';
import { until } from './waiting';

const exceededTimeLimit = 262;
/** An election takes at most a few times the election timeout, 10 s by default. */
const electionLimitMs = 90_000;

export interface StepDown {
  seconds: number;
  catchUpSeconds: number;
  force: boolean;
}

/** Throws 'refused' when no secondary was near enough, as the driver's diagnosis says otherwise. */
export async function stepDown(access: SetAccess, primary: string, asked: StepDown): Promise<void> {
  const client = await access.member(primary);
  const { seconds, catchUpSeconds, force } = asked;
  try {
    await client
      .db('admin')
      .command({ replSetStepDown: seconds, secondaryCatchUpPeriodSecs: catchUpSeconds, ...(force ? { force } : {}) });
  } catch (error) {
    // Servers before 4.2 close every connection when they step down.
    if (error instanceof MongoNetworkError) return;
    if (error instanceof MongoServerError && error.code === exceededTimeLimit)
      fail(
        'refused',
        `${primary} did not step down: no electable secondary caught up within ${formatDuration(catchUpSeconds)}.`,
        'Wait until the lag is smaller, or give it more time to catch up.',
        error.message,
      );
    throw new AppFailure(diagnoseDriverError(error, primary));
  }
}

/** The host of the new primary; null when there is none within the limit. */
export async function awaitOtherPrimary(
  run: OperationRun,
  state: SetState,
  former: string,
  limitMs = electionLimitMs,
): Promise<string | null> {
  const others = state.members.map(({ host }) => host).filter((host) => host !== former);
  return until({ signal: run.signal, limitMs, everyMs: 100 }, () => findPrimary(run.access, others));
}

function namesOf(electable: PlannedOperation['electable']): string {
  return electable
    .map(
      ({ host, lagSeconds }) =>
        `${host} (${lagSeconds === null ? 'lag unknown' : `${formatDuration(lagSeconds)} behind`})`,
    )
    .join(', ');
}

/** What is to be known of any step-down. */
export function stepDownRemarks(state: SetState, asked: StepDown): Remark[] {
  const remarks: Remark[] = [];
  const electable = electableBeside(state);
  const primary = state.members.find(({ host }) => host === state.primary);
  const voters = state.members.filter(({ votes }) => votes > 0);
  const counting = voters.filter(countsNow).length;
  const rest = asked.force ? warning : refused;
  if (electable.length === 0)
    remarks.push(
      rest(
        `No other member can become primary now: ${state.set} would take no writes until ${state.primary ?? 'the former one'} may be elected again.`,
      ),
    );
  if (counting * 2 <= voters.length)
    remarks.push(
      rest(`Only ${counting} of ${voters.length} voting members answer: no majority could elect a primary.`),
    );
  const far = electable.filter(({ lagSeconds }) => lagSeconds === null || lagSeconds > asked.catchUpSeconds);
  if (electable.length > 0 && far.length === electable.length)
    remarks.push(
      warning(
        `Every candidate is more than ${formatDuration(asked.catchUpSeconds)} behind${asked.force ? ': what they lack may be rolled back' : ': the primary may refuse to step down'}.`,
      ),
    );
  const [likeliest] = electable;
  if (primary && likeliest && primary.priority > likeliest.priority)
    remarks.push(
      note(
        `${primary.host} has the highest priority: once it may be elected again, it takes over by itself, which is a second election.`,
      ),
    );
  const unwell = state.members.filter((member) => !countsNow(member));
  for (const { host, state: name } of unwell) remarks.push(warning(`${host} is ${name}.`));
  return remarks;
}

export function planStepDown({ access, state, operation }: PlanInput<'step-down'>): PlannedOperation {
  const primary = requirePrimary(state);
  const electable = electableBeside(state);
  const { seconds, catchUpSeconds, force } = operation;
  const remarks = stepDownRemarks(state, operation);
  if (catchUpSeconds >= seconds)
    remarks.push(refused('It has to stay down for longer than it waits for a secondary to catch up.'));
  if (force) remarks.push(warning('Forced: it steps down even when no secondary has caught up.'));
  const [likeliest] = electable;
  let successor: string | null = null;
  return {
    title: `Step down ${primary}, primary of ${access.set}`,
    steps: [
      `${primary} stops taking writes and waits up to ${formatDuration(catchUpSeconds)} for a secondary to catch up.`,
      likeliest
        ? `${likeliest.host} is the likeliest to be elected; it could be ${namesOf(electable)}.`
        : 'Nobody can be elected in its place.',
      'Clients get errors or wait until there is a new primary, usually for one to a few seconds; drivers that retry writes once bridge it. Operations that were running on the primary are ended.',
      `${primary} cannot become primary again for ${formatDuration(seconds)}.`,
    ],
    remarks,
    changes: [],
    electable,
    commands: [
      force
        ? `db.adminCommand({ replSetStepDown: ${seconds}, secondaryCatchUpPeriodSecs: ${catchUpSeconds}, force: true })`
        : `rs.stepDown(${seconds}, ${catchUpSeconds})`,
    ],
    needs: stateChangeNeeds,
    carryOut: [
      {
        text: `Ask ${primary} to step down for ${formatDuration(seconds)}`,
        work: async (run) => {
          await stepDown(run.access, primary, operation);
          return `${primary} stepped down`;
        },
      },
      {
        text: 'Wait for the new primary',
        work: async (run) => {
          const began = Date.now();
          successor = await awaitOtherPrimary(run, state, primary, electable.length > 0 ? electionLimitMs : 0);
          if (successor === null) {
            if (electable.length > 0)
              fail('timeout', `${access.set} has no new primary after ${formatDuration(electionLimitMs / 1000)}.`);
            run.warn(`${access.set} has no primary.`);
            return 'Nobody was elected, as was to be expected';
          }
          return `${successor} became primary after ${formatDuration((Date.now() - began) / 1000)}`;
        },
      },
    ],
    done: () =>
      successor === null
        ? `${primary} stepped down; ${access.set} has no primary.`
        : `${successor} is the primary of ${access.set}.`,
    ifInterrupted: `Whether ${primary} stepped down is told by the state of ${access.set}: it may be another's turn now.`,
  };
}
