/**
 * Which documents an oplog entry touched, for every kind of entry that servers from 4.4 to 8.0 write. What is not known
 * here is never passed over: it says that the collections it may concern cannot be followed any more.
 */
import type { OpTime } from '../../../shared/backups';
import { childrenOf, nameOf, packValue, type RawElement } from '../bson-reader';
import { fieldsOf, readEntry, type OplogEntry } from './oplog-entry';

export type Concerned =
  { kind: 'all' } | { kind: 'database'; database: string } | { kind: 'collection'; ns: string; uuid: string | null };

export interface EntryListener {
  /** A document was written or deleted, or may have been. `id`: packed `_id`. */
  touched(ns: string, uuid: string | null, id: Buffer): void;
  /** From here on the oplog does not tell which documents changed. */
  lost(concerned: Concerned, reason: string): void;
  /** A transaction began with this entry or before it. */
  continues(previous: OpTime): void;
}

/** Commands that leave documents and their `_id`s alone. Indexes and options are compared on their own. */
const harmless = new Set([
  'createIndexes',
  'startIndexBuild',
  'commitIndexBuild',
  'abortIndexBuild',
  'dropIndexes',
  'deleteIndexes',
  'dropIndex',
  'deleteIndex',
  'collMod',
  'abortTransaction',
  'dbCheck',
  'modifyCollectionShardingIndexCatalog',
  'createGlobalIndex',
  'dropGlobalIndex',
  'createDatabaseMetadata',
  'dropDatabaseMetadata',
]);

/** Commands on one collection after which it is another one, or lost documents unnamed. */
const breaking: ReadonlyMap<string, string> = new Map([
  ['create', 'it was created since'],
  ['drop', 'it was dropped since'],
  ['convertToCapped', 'it was made capped since'],
  ['emptycapped', 'it was emptied since'],
  ['truncateRange', 'a range of it was truncated since'],
  ['importCollection', 'it was imported since'],
]);

/** The first `_id`, wherever it stands: before it there may be the fields of a shard key. */
function idIn(o: RawElement | null): Buffer | null {
  const id = o && childrenOf(o).find((element) => nameOf(element) === '_id');
  return id ? packValue(id) : null;
}

function databaseOf(ns: string): string {
  const dot = ns.indexOf('.');
  return dot < 0 ? ns : ns.slice(0, dot);
}

function followWrite(entry: OplogEntry, id: Buffer | null, listener: EntryListener): void {
  if (id) listener.touched(entry.ns, entry.ui, id);
  else {
    const concerned: Concerned = { kind: 'collection', ns: entry.ns, uuid: entry.ui };
    listener.lost(concerned, 'its oplog holds a write without an _id');
  }
}

function followCommand(entry: OplogEntry, listener: EntryListener): void {
  const fields = fieldsOf(entry.o);
  const [command] = fields;
  const database = databaseOf(entry.ns);
  const name = command?.name ?? '';
  const lose = (ns: string, uuid: string | null, reason: string): void =>
    listener.lost({ kind: 'collection', ns, uuid }, reason);
  const broken = breaking.get(name);
  if (harmless.has(name)) return;
  if (name === 'applyOps') {
    // Operations of a transaction that is prepared, or aborted later, count as done: more to look at, nothing missed.
    for (const operation of command ? childrenOf(command.value) : []) {
      if (operation.type === 0x03) followEntry(readEntry(operation.source, operation.valueStart), listener);
      else listener.lost({ kind: 'all' }, 'its oplog holds a transaction that cannot be read');
    }
    if (entry.previous && !entry.isVectored) listener.continues(entry.previous);
  } else if (name === 'commitTransaction') {
    if (entry.previous) listener.continues(entry.previous);
    else listener.lost({ kind: 'all' }, 'its oplog holds a transaction whose beginning is not named');
  } else if (name === 'renameCollection') {
    const to = fields.find((field) => field.name === 'to')?.text ?? '';
    const replaced = fields.find((field) => field.name === 'dropTarget')?.uuid ?? null;
    lose(command?.text ?? '', entry.ui, 'it was renamed since');
    lose(to, replaced, 'another collection was renamed to its name since');
  } else if (name === 'dropDatabase') {
    listener.lost({ kind: 'database', database }, 'its database was dropped since');
  } else if (broken !== undefined) {
    // Some of them name the collection alone, some with its database.
    lose(`${database}.${command?.text ?? ''}`, entry.ui, broken);
    lose(command?.text ?? '', entry.ui, broken);
  } else listener.lost({ kind: 'all' }, `its oplog holds a command this version does not know (${name})`);
}

/** Tells the listener what the entry did; also called for the operations inside applyOps. */
export function followEntry(entry: OplogEntry, listener: EntryListener): void {
  switch (entry.op) {
    case 'i':
    case 'd':
      followWrite(entry, idIn(entry.o), listener);
      break;
    case 'u':
      followWrite(entry, idIn(entry.o2), listener);
      break;
    case 'c':
      followCommand(entry, listener);
      break;
    case 'n':
      // Notes between members, and images of documents for writes that are retried: they change nothing.
      break;
    default:
      listener.lost({ kind: 'all' }, `its oplog holds an operation this version does not know (${entry.op})`);
  }
}
