/** What profilers were set to before Lifeboat changed them: on disk before the change, until it is taken back. */
import { z } from 'zod';
import { boxedStateSchema, processProfilingSchema, timeBoxSchema } from '../../../shared/profiling';
import type { BoxedDatabase, TimeBox } from '../../../shared/profiling';
import { hostname } from 'node:os';
import { JsonStore } from '../../platform/json-file';
import { isProcessAlive, processIdentity, processIdentitySchema } from '../../platform/process-identity';

/** slowms and the sample rate of a whole process. */
const boxedProcessSchema = z.object({
  host: z.string(),
  state: boxedStateSchema,
  former: processProfilingSchema,
  set: processProfilingSchema,
  knowsSampleRate: z.boolean(),
  note: z.string().nullable(),
});
export type BoxedProcess = z.infer<typeof boxedProcessSchema>;
export type { BoxedDatabase };

/** Somebody who wants the box open. It is closed when nobody does any more. */
const claimSchema = z.object({
  id: z.string(),
  /** ISO 8601. */
  until: z.string(),
  /** A claim ends with its process; null outlives it. */
  owner: z.object({ identity: processIdentitySchema, hostname: z.string() }).nullable(),
});
export type Claim = z.infer<typeof claimSchema>;

const storedBoxSchema = timeBoxSchema.extend({
  /** Equal for all connections that lead to the same deployment. */
  deploymentKey: z.string(),
  processes: z.array(boxedProcessSchema),
  claims: z.array(claimSchema),
});
export type StoredBox = z.infer<typeof storedBoxSchema>;

const journalSchema = z.object({ formatVersion: z.literal(1), boxes: z.array(storedBoxSchema) });

export type BoxJournal = JsonStore<z.infer<typeof journalSchema>>;

/** Ended boxes kept, for the window to tell of. */
const keptBoxes = 20;

export function openJournal(path: string, origin: 'window' | 'cli'): BoxJournal {
  return new JsonStore({
    path,
    schema: journalSchema,
    absent: () => ({ formatVersion: 1 as const, boxes: [] }),
    origin,
  });
}

export function isOpen({ status }: Pick<TimeBox, 'status'>): boolean {
  return status === 'open' || status === 'waiting';
}

export function ownClaim(id: string, until: Date, outlives: boolean): Claim {
  const owner = outlives ? null : { identity: processIdentity(), hostname: hostname() };
  return { id, until: until.toISOString(), owner };
}

/** Claims whose time is not over and whose process still runs. Of other computers nothing is known. */
export function livingClaims({ claims }: StoredBox, now: number): Claim[] {
  return claims.filter(
    ({ until, owner }) =>
      Date.parse(until) > now && (owner === null || owner.hostname !== hostname() || isProcessAlive(owner.identity)),
  );
}

/** Replaces or adds a box, durably. */
export async function saveBox(journal: BoxJournal, box: StoredBox): Promise<void> {
  await journal.update((file) => {
    const others = file.boxes.filter(({ id }) => id !== box.id);
    const ended = others.filter((other) => !isOpen(other)).slice(-keptBoxes);
    return { ...file, boxes: [...ended, ...others.filter(isOpen), box] };
  });
}

export async function forgetBox(journal: BoxJournal, id: string): Promise<void> {
  await journal.update((file) => ({ ...file, boxes: file.boxes.filter((box) => box.id !== id) }));
}

/** What the window is told: claims and keys are ours. */
export function timeBoxOf({ deploymentKey: _key, processes: _processes, claims: _claims, ...box }: StoredBox): TimeBox {
  return box;
}
