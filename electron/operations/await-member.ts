/** Waits until a member that was added follows the set. */
import { formatBytes, formatDuration } from '../../shared/format';
import { fail } from '../../shared/result';
import { numberAt, valueAt } from '../health/sampler/server-values';
import { memberOf, type RawConfiguration } from './configuration';
import type { OperationRun } from './planned-operation';
import { ask, statusOf } from './set-state';
import { messageOf, until } from './waiting';

/** So long the others may fail to greet it before it counts as unusable; where waiting will not help, less. */
const greetingMs = 45_000;
const hopelessMs = 6000;
const everyMs = 250;
const progressEveryMs = 2000;

export interface HeartbeatProblem {
  message: string;
  hint: string;
  /** It will not pass by itself. */
  lasting: boolean;
}

/** What the heartbeats of a member that does not come say, for people. */
export function explainHeartbeat(host: string, problem: string | null): HeartbeatProblem {
  const text = problem ?? '';
  if (/auth|keyfile|security key|not authorized|requires authentication/i.test(text))
    return {
      message: `${host} and the set do not accept each other.`,
      hint: 'All members need the same keyFile, or certificates of the same authority, and all or none of them access control.',
      lasting: true,
    };
  if (/replica set IDs? do(?:es)? not match|replSet set ?names? do(?:es)? not match/i.test(text))
    return {
      message: `${host} belongs to another replica set.`,
      hint: 'Start it with an empty data folder and the name of this set (--replSet).',
      lasting: true,
    };
  if (/ssl|tls|certificate|handshake/i.test(text))
    return {
      message: `${host} and the set cannot agree on TLS.`,
      hint: 'Start it with the same TLS mode and certificates of the same authority as the others.',
      lasting: true,
    };
  if (/resolve|getaddrinfo|host not found|HostUnreachable.*address/i.test(text))
    return {
      message: `The members cannot resolve the name of ${host}.`,
      hint: 'Use a name that every member knows, not only this computer.',
      lasting: false,
    };
  if (/refused|unreachable|timed? ?out|network/i.test(text))
    return {
      message: `The members cannot reach ${host}.`,
      hint: 'This computer reaches it, the members do not: see firewalls, and whether it listens on more than localhost (bindIp).',
      lasting: false,
    };
  return { message: `${host} does not join the set.`, hint: 'See its log.', lasting: false };
}

async function copyProgress(
  run: OperationRun,
  host: string,
): Promise<{ phase: string; bytesDone: number; bytesTotal: number | null } | null> {
  try {
    const status = await ask(run.access, host, { replSetGetStatus: 1, initialSync: 1 });
    const copied = numberAt(status, 'initialSyncStatus', 'approxTotalBytesCopied');
    const total = numberAt(status, 'initialSyncStatus', 'approxTotalDataSize');
    if (copied === null) return null;
    const left = numberAt(status, 'initialSyncStatus', 'remainingInitialSyncEstimatedDurationMillis');
    const rest = left === null ? '' : `, about ${formatDuration(left / 1000)} left`;
    return { phase: `${host} copies the data${rest}`, bytesDone: copied, bytesTotal: total };
  } catch {
    // It has no users before it has copied them.
    return null;
  }
}

/**
 * Resolves when the member is `wanted`, with how long it took; there is no limit for the copying itself. Throws 'cancelled', and
 * 'unreachable' with the reason when the set does not hear of it for 45 seconds.
 */
export async function awaitMember(
  run: OperationRun,
  primary: string,
  configuration: RawConfiguration,
  host: string,
  wanted: 'SECONDARY' | 'ARBITER',
): Promise<string> {
  const began = Date.now();
  let silentSince: number | null = began;
  const id = memberOf(configuration, host)?._id ?? -1;
  let bytes = 0;
  let progressAt = 0;
  await until({ signal: run.signal, limitMs: null, everyMs }, async () => {
    const told = await ask(run.access, primary, { replSetGetStatus: 1 })
      .then((status) => statusOf(status, id))
      .catch((error: unknown) => {
        run.log(`${primary} does not tell: ${messageOf(error)}`);
        return null;
      });
    if (told?.healthy && told.state === wanted) return true;
    silentSince = told?.healthy ? null : (silentSince ?? Date.now());
    if (silentSince !== null) {
      const { message, hint, lasting } = explainHeartbeat(host, told?.problem ?? null);
      if (Date.now() - silentSince > (lasting ? hopelessMs : greetingMs))
        fail('unreachable', message, hint, told?.problem ?? `${host} is ${told?.state ?? 'silent'}`);
    }
    const due = wanted === 'SECONDARY' && told?.healthy === true && Date.now() - progressAt > progressEveryMs;
    if (due) progressAt = Date.now();
    const progress = due ? await copyProgress(run, host) : null;
    if (progress) {
      bytes = Math.max(bytes, progress.bytesDone);
      run.report(progress.phase, progress);
    } else if (bytes === 0) run.report(`Waiting for ${host}, which is ${told?.state ?? 'silent'}`);
    return null;
  });
  const copied = bytes > 0 ? `, ${formatBytes(bytes)} copied` : '';
  const took = formatDuration((Date.now() - began) / 1000);
  const version = valueAt(configuration, 'version');
  run.log(`${host} is ${wanted} with version ${String(version)}`);
  return `${host} is ${wanted} after ${took}${copied}`;
}
