/**
 * How long a restore will take, from what earlier ones to the same target took. The number of documents counts as much as
 * their bytes (four million tiny ones take longer than one gigabyte in large ones): the later of both is the estimate.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../platform/durable-file';
import {
  restoreModes,
  restoreModeSchema,
  type Effect,
  type NamespaceDiff,
  type RestoreMode,
} from '../../../shared/diff';
import type { Manifest } from '../../../shared/backups';
import { formatNamespace } from '../../../shared/namespaces';
import { effectOf, type Estimate, type Preview } from '../../../shared/restore';

const timingSchema = z.object({
  restoreId: z.string(),
  mode: restoreModeSchema,
  /** ISO 8601. */
  endedAt: z.string(),
  /** Written: inserted, replaced and deleted. Bytes by the backup's average sizes. */
  documents: z.number(),
  bytes: z.number(),
  /** Of the archive that was checked. */
  archiveBytes: z.number(),
  /** By phase. */
  milliseconds: z.object({ checking: z.number(), writing: z.number(), proof: z.number() }),
});
export type Timing = z.infer<typeof timingSchema>;
const timingsSchema = z.array(timingSchema);

export interface Work {
  documents: number;
  bytes: number;
}

/** Restores of a target that are remembered, and those of them that an estimate rests on. */
const kept = 50;
const newest = 12;
/** A restore of fewer documents tells how long nothing takes. */
const fewestDocuments = 20;

/** mongorestore writes collections anew, the driver single documents: their rates have nothing in common. */
const byTool: ReadonlySet<RestoreMode> = new Set(['clone', 'drop']);

function timingsPath(restoresFolder: string, connectionId: string): string {
  const name = createHash('sha256').update(connectionId).digest('hex').slice(0, 24);
  return join(restoresFolder, 'timings', `${name}.json`);
}

/** Oldest first; none where there is no history, or none that can be read. */
export async function readTimings(restoresFolder: string, connectionId: string): Promise<Timing[]> {
  try {
    const text = await readFile(timingsPath(restoresFolder, connectionId), 'utf8');
    const parsed = timingsSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

export async function recordTiming(restoresFolder: string, connectionId: string, timing: Timing): Promise<void> {
  const timings = [...(await readTimings(restoresFolder, connectionId)), timing].slice(-kept);
  const path = timingsPath(restoresFolder, connectionId);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, JSON.stringify(timings));
}

/** What effects on namespaces amount to; documents are as large as the backup's are on average. */
export function workOf(
  effects: readonly { diff: Pick<NamespaceDiff, 'ns'>; effect: Effect }[],
  manifest: Pick<Manifest, 'namespaces'>,
): Work {
  const sizes = new Map(
    manifest.namespaces.map((namespace) => [
      formatNamespace(namespace),
      namespace.documents > 0 ? namespace.bytes / namespace.documents : 0,
    ]),
  );
  const work: Work = { documents: 0, bytes: 0 };
  for (const { diff, effect } of effects) {
    const documents = effect.insert + effect.replace + effect.delete;
    work.documents += documents;
    // What is deleted is not sent, but saved for the undo before.
    work.bytes += documents * (sizes.get(diff.ns) ?? 0);
  }
  return work;
}

export interface EstimateQuestion {
  mode: RestoreMode;
  work: Work;
  archiveBytes: number;
  /** What comparing took: the proof compares again. */
  comparisonMs: number;
}

/** All null without history of restores done in the same way. */
export function estimateOf(timings: readonly Timing[], question: EstimateQuestion): Estimate {
  const { mode, work, archiveBytes, comparisonMs } = question;
  const sameWay = timings.filter((timing) => byTool.has(timing.mode) === byTool.has(mode) && timing.documents > 0);
  const enough = sameWay.filter(({ documents }) => documents >= fewestDocuments);
  const past = (enough.length > 0 ? enough : sameWay).slice(-newest);
  if (past.length === 0) return { seconds: null, byBytes: null, byDocuments: null, restores: 0 };
  const sum = (of: (timing: Timing) => number): number => past.reduce((total, timing) => total + of(timing), 0);
  const checkedBytes = sum((timing) => timing.archiveBytes);
  const checking = checkedBytes > 0 ? (sum((timing) => timing.milliseconds.checking) * archiveBytes) / checkedBytes : 0;
  const around = (checking + comparisonMs) / 1000;
  const writing = sum((timing) => timing.milliseconds.writing) / 1000;
  const bytes = sum((timing) => timing.bytes);
  const byDocuments = around + (writing * work.documents) / sum((timing) => timing.documents);
  const byBytes = bytes > 0 ? around + (writing * work.bytes) / bytes : null;
  return { seconds: Math.max(byDocuments, byBytes ?? 0), byBytes, byDocuments, restores: past.length };
}

/** By mode, for the whole of a preview; a pick is told once it is known what is picked. */
export function estimatesOf(
  timings: readonly Timing[],
  result: Preview['result'],
  manifest: Pick<Manifest, 'namespaces' | 'file'>,
): Preview['estimates'] {
  const estimates: Preview['estimates'] = {};
  for (const mode of restoreModes) {
    if (mode === 'pick') continue;
    const work = workOf(
      result.namespaces.map((diff) => ({ diff, effect: effectOf(mode, diff) })),
      manifest,
    );
    const archiveBytes = manifest.file.bytes;
    estimates[mode] = estimateOf(timings, { mode, work, archiveBytes, comparisonMs: result.elapsedMs });
  }
  return estimates;
}

/** Sums up how long each part of a restore took, told by what it reports. */
export class PhaseClock {
  readonly milliseconds = { checking: 0, writing: 0, proof: 0 };
  #part: keyof PhaseClock['milliseconds'] = 'checking';
  #since = Date.now();

  note(phase: string): void {
    const part = phase.startsWith('Proof') ? 'proof' : phase.startsWith('Checking') ? 'checking' : 'writing';
    // Reading the archive and looking for problems come before writing, under names of their own.
    if (part === this.#part || (part === 'writing' && this.#part === 'checking' && !isWriting(phase))) return;
    this.end();
    this.#part = part;
  }

  end(): void {
    const now = Date.now();
    this.milliseconds[this.#part] += now - this.#since;
    this.#since = now;
  }
}

function isWriting(phase: string): boolean {
  return !/^(Reading|Looking|Comparing)/.test(phase);
}
