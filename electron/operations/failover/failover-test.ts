/** A step-down with clients at work: how long nobody could write, and whether anything was lost. */
import { formatOutage } from '../../../shared/failover-timeline';
import { formatDuration } from '../../../shared/format';
import { fail } from '../../../shared/result';
import type { Need } from '../../connections/privileges';
import {
  note,
  refused,
  stateChangeNeeds,
  type OperationRun,
  type PlanInput,
  type PlannedOperation,
  type PlannedStep,
} from '../planned-operation';
import { ask, electableBeside, findPrimary, requirePrimary, type SetState } from '../set-state';
import { stepDown, stepDownRemarks } from '../step-down';
import { messageOf, pause, until } from '../waiting';
import { FailoverProbe, outageLimitMs, probeDatabase } from './failover-probe';

const asked = { seconds: 60, catchUpSeconds: 10, force: false };
const settleLimitMs = 90_000;
const afterMs = 1000;
/** Once it has stepped down, the test runs to its end: it would leave nothing in order by stopping. */
const never = new AbortController().signal;

const needs: Need[] = [
  ...stateChangeNeeds,
  {
    actions: ['find', 'insert', 'createCollection', 'dropCollection', 'listCollections'],
    on: { db: probeDatabase, collection: '' },
    words: probeDatabase,
  },
];

/** The former primary stands again at once, without waiting for the end of its time. */
function returnStep(former: string, state: SetState): PlannedStep {
  return {
    text: `Let ${former} be elected again`,
    work: async (run) => {
      run.report(`Electing ${former} again`);
      await ask(run.access, former, { replSetFreeze: 0 });
      const began = Date.now();
      const hosts = state.members.map(({ host }) => host);
      const elected = await until({ signal: never, limitMs: 60_000, everyMs: 500 }, async () => {
        await ask(run.access, former, { replSetStepUp: 1 }).catch((error: unknown) =>
          run.log(`${former} was not elected: ${messageOf(error)}`),
        );
        return (await findPrimary(run.access, hosts)) === former ? former : null;
      });
      if (elected === null) {
        run.warn(`${former} was not elected again.`);
        return `${former} was not elected again within a minute`;
      }
      return `${former} is primary again after ${formatOutage(Date.now() - began)}`;
    },
  };
}

export function planFailoverTest({ access, state, operation }: PlanInput<'failover-test'>): PlannedOperation {
  const former = requirePrimary(state);
  const electable = electableBeside(state);
  const [likeliest] = electable;
  const returns = operation.returnToFormer === true;
  const remarks = stepDownRemarks(state, asked);
  if (access.sharded)
    remarks.push(
      refused('A shard cannot be tested so: its clients write through mongos, and the test would go past it.'),
    );
  remarks.push(
    note(
      `Two clients write and read about every 20 ms, some 200 small operations a second, in a database of their own, ${probeDatabase}; it is taken away afterwards.`,
    ),
  );
  let probe: FailoverProbe | null = null;
  const running = (): FailoverProbe => probe ?? fail('internal', 'The failover test has no clients.');
  let summary = '';

  const steps: PlannedStep[] = [
    {
      text: 'Start clients that write and read',
      work: async (run) => {
        run.report('Clients begin to write and read');
        probe = new FailoverProbe(run.access, former, state);
        await probe.start(run.signal);
        return `Two clients write into ${probe.namespace} and read from it`;
      },
    },
    {
      text: `Ask ${former} to step down`,
      work: async (run) => {
        run.report(`${former} steps down`);
        const clients = running();
        clients.markStepDown();
        await stepDown(run.access, former, asked);
        clients.markAccepted();
        return `${former} stepped down`;
      },
    },
    {
      text: 'Wait for a new primary, and until every member and client is well',
      work: (run) => settle(run, running()),
    },
    {
      text: 'Look whether every acknowledged write is there',
      work: async (run) => {
        const clients = running();
        run.report('Looking for lost writes');
        await clients.stopClients();
        const lost = await clients.countLost().catch((error: unknown) => {
          run.warn(`Whether writes were lost could not be looked up: ${messageOf(error)}`);
          return null;
        });
        const report = clients.report(lost);
        run.keepFailover(report);
        const all = report.writesAcknowledged + report.withRetries.writesAcknowledged;
        summary = `${report.newPrimary ?? 'Nobody'} took over from ${former}; no write was acknowledged for ${formatOutage(report.writeOutageMs)}, ${lost ?? 'an unknown number'} of ${all} acknowledged writes lost.`;
        if (!report.passed)
          fail(
            'verification-failed',
            `The failover test did not pass: ${summary}`,
            `A new primary, no lost write and less than ${formatDuration(outageLimitMs / 1000)} without service are asked for.`,
          );
        return `All ${all} acknowledged writes are there`;
      },
    },
    ...(returns ? [returnStep(former, state)] : []),
  ];
  return {
    title: `Failover test of ${access.set}`,
    steps: [
      `Two clients begin to write (majority) and to read in ${probeDatabase}: one without retries, one as drivers are by default.`,
      `${former} steps down for ${formatDuration(asked.seconds)}; ${likeliest ? `${likeliest.host} is the likeliest to take over` : 'nobody can take over'}. Every client of the set is affected, usually for one to a few seconds.`,
      'It is measured how long no write was acknowledged and no read answered, when the new primary was seen, and when every member was well again.',
      'Every acknowledged write is looked up; then the collection is taken away.',
      returns
        ? `${former} is elected again at the end: a second election, with a second short outage.`
        : `${former} is not asked to come back.`,
    ],
    remarks,
    changes: [],
    electable,
    commands: [`rs.stepDown(${asked.seconds}, ${asked.catchUpSeconds})`],
    needs,
    carryOut: steps,
    afterwards: {
      text: 'Take the collection of the test away',
      work: async (run) => {
        if (!probe) return 'Nothing was left to take away';
        try {
          const count = await probe.removeCollections();
          return count > 1
            ? `The collection of the test is gone, with ${count - 1} left by interrupted ones`
            : undefined;
        } catch (error) {
          run.warn(`${probe.namespace} could not be taken away: ${messageOf(error)}`);
          throw error;
        } finally {
          await probe.close();
        }
      },
    },
    done: () => summary,
    ifInterrupted: `The test may have left a collection in ${probeDatabase}, which the next test takes away; ${former} may have stepped down.`,
  };
}

async function settle(run: OperationRun, probe: FailoverProbe): Promise<string> {
  run.report('Waiting for a new primary');
  const settled = await until({ signal: never, limitMs: settleLimitMs, everyMs: 50 }, () =>
    Promise.resolve(probe.settled ? true : null),
  );
  await pause(afterMs);
  if (settled) return `${probe.elected ?? ''} is primary, and every member and client is well`;
  run.warn(probe.elected === null ? 'No new primary was seen.' : 'Not every member or client was well again in time.');
  return probe.elected === null ? 'No new primary was seen' : `${probe.elected} is primary, but not all is well`;
}
