/** What is protected: the newest verified backup of each source and category against its recovery point objective. Pure. */
import {
  backupCategories,
  categoryObjectives,
  type BackupCategory,
  type CatalogueEntry,
} from '../../../shared/backups';
import type { Connection } from '../../../shared/connections';
import { formatAge } from '../../../shared/format';
import { objectiveText } from '../../components/objective-text';
import { protects } from '../../state/catalogue';

export type ProtectionState = 'within' | 'late' | 'unprotected';

export interface ProtectionRow {
  source: string;
  connectionId: string | null;
  category: BackupCategory | null;
  newest: CatalogueEntry | null;
  rpoMinutes: number | null;
  state: ProtectionState;
}

const timeOf = (entry: CatalogueEntry) => Date.parse(entry.completedAt ?? entry.createdAt ?? '');

function rowOf(source: string, category: BackupCategory, entries: readonly CatalogueEntry[], now: Date): ProtectionRow {
  const [newest] = [...entries].sort((left, right) => timeOf(right) - timeOf(left));
  const { rpoMinutes } = categoryObjectives[category];
  const within = newest !== undefined && now.getTime() - timeOf(newest) <= rpoMinutes * 60_000;
  return {
    source,
    connectionId: newest?.connectionId ?? null,
    category,
    newest: newest ?? null,
    rpoMinutes,
    state: within ? 'within' : 'late',
  };
}

/** A row per source and category that has a verified backup, and one for each connection without any. */
export function protectionRows(
  entries: readonly CatalogueEntry[],
  connections: readonly Connection[],
  now: Date,
): ProtectionRow[] {
  const verified = entries.filter((entry) => protects(entry) && !entry.temporary && !Number.isNaN(timeOf(entry)));
  const sources = new Map<string, CatalogueEntry[]>();
  for (const entry of verified) {
    const source = entry.sourceName ?? 'unknown source';
    sources.set(source, [...(sources.get(source) ?? []), entry]);
  }
  const rows: ProtectionRow[] = [];
  for (const [source, list] of sources) {
    for (const category of backupCategories) {
      const own = list.filter((entry) => (entry.category ?? 'operational') === category);
      if (own.length > 0) rows.push(rowOf(source, category, own, now));
    }
  }
  for (const { id, name } of connections) {
    const has = verified.some((entry) => entry.connectionId === id || entry.sourceName === name);
    if (has) continue;
    rows.push({ source: name, connectionId: id, category: null, newest: null, rpoMinutes: null, state: 'unprotected' });
  }
  const rank: Record<ProtectionState, number> = { unprotected: 0, late: 1, within: 2 };
  return rows.sort((left, right) => rank[left.state] - rank[right.state] || left.source.localeCompare(right.source));
}

export function isOf(row: Pick<ProtectionRow, 'connectionId' | 'source'>, connection: Connection): boolean {
  return row.connectionId === connection.id || row.source === connection.name;
}

/** The state of one connection in one sentence. */
export function protectionSentence(
  rows: readonly ProtectionRow[],
  connection: Connection,
  now: Date,
): { state: 'good' | 'warning' | 'bad'; text: string } {
  const own = rows.filter((row) => isOf(row, connection));
  const worst = own.find(({ state }) => state === 'unprotected') ?? own.find(({ state }) => state === 'late') ?? own[0];
  if (!worst || worst.newest === null || worst.rpoMinutes === null) {
    return { state: 'bad', text: `Not protected: there is no verified backup of ${connection.name} yet.` };
  }
  const age = formatAge(new Date(timeOf(worst.newest)), now).replace(' ago', ' old');
  const rpo = objectiveText(worst.rpoMinutes);
  const fresh = age === 'just now' ? 'was made just now' : `is ${age}`;
  if (worst.state === 'within') {
    return { state: 'good', text: `Protected: the newest verified backup ${fresh}, RPO ${rpo}.` };
  }
  return { state: 'warning', text: `Behind: the newest verified ${worst.category ?? ''} backup ${fresh}, RPO ${rpo}.` };
}
