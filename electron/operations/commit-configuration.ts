/** Brings one configuration into force, and waits until a majority has it. */
import { MongoServerError } from 'mongodb';
import { formatDuration } from '../../shared/format';
import { AppFailure, fail } from '../../shared/result';
import { diagnoseDriverError } from '../connections/diagnose';
import { listAt, numberAt, valueAt } from '../health/sampler/server-values';
import { asConfiguration, isElectable, majorityOf, votersOf, type RawConfiguration } from './configuration';
import type { OperationRun } from './planned-operation';
import { ask, findPrimary } from './set-state';
import { pause } from './waiting';

const commitLimitMs = 60_000;
/** The former configuration is not committed yet, or the primary is about to change. */
const passing = new Set([109, 308]);

function hintFor(error: MongoServerError): string {
  switch (Number(error.code)) {
    case 74:
      return 'Too few members answered the primary: see whether it reaches all of them.';
    case 103:
      return 'The server holds the new configuration to be unsafe, see its own words.';
    default:
      return 'Nothing was changed by this step.';
  }
}

/** Of servers before 4.4, which do not say whether a configuration is committed: whether a majority has taken it over. */
async function isTakenOver(run: OperationRun, primary: string, configuration: RawConfiguration): Promise<boolean> {
  const status = await ask(run.access, primary, { replSetGetStatus: 1 });
  const having = votersOf(configuration).filter(({ _id }) =>
    listAt(status, 'members').some(
      (member) => numberAt(member, '_id') === _id && (numberAt(member, 'configVersion') ?? 0) >= configuration.version,
    ),
  );
  return having.length >= majorityOf(votersOf(configuration).length);
}

async function isCommitted(run: OperationRun, primary: string, configuration: RawConfiguration): Promise<boolean> {
  try {
    const answer = await ask(run.access, primary, { replSetGetConfig: 1, commitmentStatus: true });
    const status: unknown = valueAt(answer, 'commitmentStatus');
    return typeof status === 'boolean' ? status : await isTakenOver(run, primary, configuration);
  } catch {
    return isTakenOver(run, primary, configuration);
  }
}

/**
 * Gives the primary `wanted` in place of the configuration it has, which must still be of version `from`, and resolves with the
 * version once a majority has it. Not to be cancelled. Throws 'preview-stale' when somebody else changed it, 'server-error' with
 * the server's reason, 'timeout' when no majority takes it over within a minute.
 */
export async function commitConfiguration(
  run: OperationRun,
  knownPrimary: string,
  wanted: RawConfiguration,
  from: number,
): Promise<number> {
  // While a member copied its data, another may have been elected.
  const hosts = [knownPrimary, ...wanted.members.filter(isElectable).map(({ host }) => host)];
  const primary =
    (await findPrimary(run.access, [...new Set(hosts)])) ??
    fail('topology', `${run.access.set} has no primary at the moment.`, 'Try again when it has one.');
  const current = asConfiguration(valueAt(await ask(run.access, primary, { replSetGetConfig: 1 }), 'config'));
  if (current.version !== from)
    fail(
      'preview-stale',
      `The configuration was changed by somebody else: version ${current.version} instead of ${from}.`,
      'Preview it again.',
    );
  const next: RawConfiguration = { ...wanted, version: from + 1 };
  // The server fills in the term itself.
  delete next['term'];
  run.log(`replSetReconfig to version ${next.version}: ${JSON.stringify(next.members)}`);
  const client = await run.access.member(primary);
  const end = Date.now() + commitLimitMs;
  for (;;) {
    try {
      await client.db('admin').command({ replSetReconfig: next, maxTimeMS: commitLimitMs });
      break;
    } catch (error) {
      if (error instanceof MongoServerError && passing.has(Number(error.code)) && Date.now() < end) {
        await pause(250);
        continue;
      }
      if (!(error instanceof MongoServerError)) throw new AppFailure(diagnoseDriverError(error, primary));
      if (error.code === 13) throw new AppFailure(diagnoseDriverError(error, primary));
      fail('server-error', `${primary} does not take the configuration: ${error.message}`, hintFor(error));
    }
  }
  while (!(await isCommitted(run, primary, next))) {
    if (Date.now() > end)
      fail(
        'timeout',
        `No majority has taken over version ${next.version} of the configuration within ${formatDuration(commitLimitMs / 1000)}.`,
        'It is in force at the primary: see which members do not answer.',
      );
    await pause(100);
  }
  return next.version;
}
