/** Names for databases that are restored beside their originals: pure. */
import type { Rename } from '../../../shared/restore';

/** Bytes a database name may have. */
const longestName = 63;

/** `<db>_restored_<date>_<time>` (UTC) for each database, shortened where it would be too long. */
export function cloneNames(databases: readonly string[], at: Date): Record<string, string> {
  const stamp = at.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_');
  const suffix = `_restored_${stamp}`;
  const names: Record<string, string> = {};
  const taken = new Set<string>();
  for (const database of databases) {
    let base = database;
    while (Buffer.byteLength(base + suffix) > longestName) base = base.slice(0, -1);
    let name = base + suffix;
    for (let number = 2; taken.has(name); number++) {
      const tail = `_${number}`;
      name = base.slice(0, Math.max(base.length - tail.length, 1)) + tail + suffix;
    }
    taken.add(name);
    names[database] = name;
  }
  return names;
}

/** The renames of a clone: those asked for, and the clone's name for every other database. */
export function cloneRenames(names: Readonly<Record<string, string>>, renames: readonly Rename[]): Rename[] {
  const renamed = new Set(renames.map(({ from }) => from));
  const databases = Object.entries(names).filter(([database]) => !renamed.has(database));
  return [...renames, ...databases.map(([from, to]) => ({ from, to }))];
}
