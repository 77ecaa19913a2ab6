/** Names of ours that a collection bears for a moment: beside its own while it is rebuilt, or before it is dropped. */
import { createHash } from 'node:crypto';
import type { MongoClient } from 'mongodb';
import { parseNamespace } from '../../../shared/namespaces';

/** `dropped`: about to go. `built`: what takes a collection's place. `before`: what gave its place to that. */
export type AsideKind = 'dropped' | 'built' | 'before';

/** The namespace beside `ns` that the restore uses, always the same one: a run that goes on finds what was left there. */
export function asideOf(ns: string, restoreId: string, kind: AsideKind): string {
  const parsed = parseNamespace(ns);
  if (!parsed) throw new RangeError(`${ns} is not a namespace.`);
  const own = createHash('sha256').update(`${restoreId} ${ns}`).digest('hex').slice(0, 12);
  return `${parsed.database}.lifeboat_${kind}_${own}`;
}

/** UUID as 32 hex digits; null where no collection bears the name. */
export async function uuidUnder(client: MongoClient, ns: string): Promise<string | null> {
  const parsed = parseNamespace(ns);
  if (!parsed) return null;
  const options = { readPreference: 'primary' as const };
  const [found] = await client.db(parsed.database).listCollections({ name: parsed.collection }, options).toArray();
  const info = (found as { info?: { uuid?: { toString(encoding: 'hex'): string } } } | undefined)?.info;
  return info?.uuid ? info.uuid.toString('hex').replace(/-/g, '') : null;
}

/** Whether nothing is in it; also where nothing bears the name. */
export async function isEmpty(client: MongoClient, ns: string): Promise<boolean> {
  const parsed = parseNamespace(ns);
  if (!parsed) return true;
  const documents = client.db(parsed.database).collection(parsed.collection);
  return (await documents.findOne({}, { projection: { _id: 1 }, readPreference: 'primary' })) === null;
}
