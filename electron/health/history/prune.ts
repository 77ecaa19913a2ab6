/** Takes out of the history what is older than its tier keeps, and the oldest details where the file grew too large. */
import { integerOf, type Database } from './database';
import { tiers } from './tiers';

const eventsKeptMs = tiers[2].keptMs;

function bytesUsed(database: Database): number {
  const number = (pragma: string): number => integerOf(Object.values(database.all(`PRAGMA ${pragma}`)[0] ?? {})[0]);
  return (number('page_count') - number('freelist_count')) * number('page_size');
}

/** `largestBytes`: of the database file; the finest tier gives way first, then the next. */
export function pruneHistory(database: Database, now: number, largestBytes: number): void {
  database.transaction(() => {
    for (const { number, keptMs, chunkMs } of tiers) {
      database.run('DELETE FROM sealed WHERE tier = ? AND start < ?', [number, now - keptMs - chunkMs]);
      database.run('DELETE FROM hot WHERE tier = ? AND at < ?', [number, now - keptMs - chunkMs]);
    }
    database.run('DELETE FROM events WHERE at < ?', [now - eventsKeptMs]);
  });
  for (const { number, chunkMs } of tiers) {
    for (let turn = 0; turn < 400 && bytesUsed(database) > largestBytes; turn++) {
      const [oldest] = database.all('SELECT MIN(start) AS start FROM sealed WHERE tier = ?', [number]);
      if (oldest?.['start'] == null) break;
      const before = integerOf(oldest['start']) + chunkMs;
      database.transaction(() => database.run('DELETE FROM sealed WHERE tier = ? AND start < ?', [number, before]));
    }
  }
  database.all('PRAGMA incremental_vacuum(2000)');
}
