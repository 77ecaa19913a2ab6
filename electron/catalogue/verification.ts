/** Verifying a backup from a job: the task, its phases, its result on disk. */
import type { Manifest, Verification } from '../../shared/backups';
import type { JobContext } from '../jobs/runner';
import type { TaskRunner } from '../jobs/run-in-worker';
import { fail } from '../../shared/result';
import type { BackupLocation } from './backup-location';
import { addVerification } from './verification-file';

const verifyTaskName = 'catalogue.verify';

/** Phases of a verification by level; also the phases that {@link VerifyInput} reports. */
export const verifyPhases = { 1: ['Verifying file'], 2: ['Verifying file', 'Verifying structure'] } as const;

export interface VerifyInput {
  location: BackupLocation;
  manifest: Manifest;
  level: 1 | 2;
}

/** Runs the task and keeps its result beside the manifest. Returns it whether it is good or bad. */
export async function verifyBackup(
  tasks: Pick<TaskRunner, 'run'>,
  input: VerifyInput,
  context: Pick<JobContext, 'signal' | 'report' | 'log' | 'warn'>,
): Promise<Verification> {
  const { signal, report, log } = context;
  const verification = await tasks.run<VerifyInput, Verification>(verifyTaskName, input, { signal, report, log });
  for (const problem of verification.problems) log(problem.message);
  await addVerification(input.location, verification).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    context.warn(`The result of the verification could not be kept: ${why}`);
  });
  return verification;
}

/** Throws 'verification-failed' with all problems when there are any. */
export function requireGood(verification: Verification, id: string): void {
  if (verification.ok) return;
  const [first] = verification.problems;
  fail(
    'verification-failed',
    `${id} did not pass verification: ${first?.message ?? 'it is damaged'}`,
    'It is shown as damaged. Back up again; what can be saved of this one is listed with its problems.',
    verification.problems.map((problem) => problem.message).join('\n'),
  );
}
