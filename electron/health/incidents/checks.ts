/** Likely causes are looked into side by side, each within its limit: none holds up another, none hangs. */
import type { LikelyCause } from '../../../shared/incidents';
import { AppFailure } from '../../../shared/result';
import { diagnoseDriverError, isDriverError } from '../../connections/diagnose';
import { withinLimit } from '../sampler/member-reader';
import type { Scene } from './scene';

export interface Check {
  /** Completes "Whether … could not be looked into". */
  whether: string;
  /** Nothing where the question makes no sense here. */
  look(scene: Scene): Promise<readonly LikelyCause[]> | readonly LikelyCause[];
}

export function yes(text: string, since: number | null = null): LikelyCause {
  return { found: 'yes', text, since };
}

export function no(text: string, since: number | null = null): LikelyCause {
  return { found: 'no', text, since };
}

export function unknown(text: string): LikelyCause {
  return { found: 'unknown', text, since: null };
}

function reasonOf(error: unknown): string {
  if (isDriverError(error)) return diagnoseDriverError(error, 'the member').message;
  if (error instanceof AppFailure || error instanceof Error) return error.message;
  return String(error);
}

/** The whole answer of one check; never rejects. */
async function lookInto(check: Check, scene: Scene, limitMs: number): Promise<readonly LikelyCause[]> {
  try {
    return await withinLimit(Promise.resolve(check.look(scene)), limitMs, scene.incident.host ?? 'The deployment');
  } catch (error) {
    return [unknown(`Whether ${check.whether} could not be looked into: ${reasonOf(error)}`)];
  }
}

const order: Readonly<Record<LikelyCause['found'], number>> = { yes: 0, unknown: 1, no: 2 };

/** What was found first, then what could not be looked into, then what it was not; each in the order of `checks`. */
export async function lookIntoAll(checks: readonly Check[], scene: Scene, limitMs: number): Promise<LikelyCause[]> {
  const found = await Promise.all(
    checks.map(async (check) => {
      // One that throws at once is no different from one that rejects.
      await Promise.resolve();
      return lookInto(check, scene, limitMs);
    }),
  );
  return found.flat().sort((a, b) => order[a.found] - order[b.found]);
}
