import { describe, expect, it, vi } from 'vitest';
import type { CatalogueEntry } from '../../../shared/backups';
import type { Connection } from '../../../shared/connections';

vi.stubGlobal('window', { localStorage: { getItem: () => null } });
const { protectionRows, protectionSentence } = await import('./protection');

const now = new Date('2026-11-20T12:00:00Z');
const shop: Connection = {
  id: 'c1',
  name: 'shop-prod',
  colour: 'red',
  environment: 'production',
  readOnly: false,
  uri: 'mongodb://h/',
  username: null,
  secretPlace: 'none',
  sandboxId: null,
  createdAt: '2026-01-01T00:00:00Z',
};

function entry(part: Partial<CatalogueEntry>): CatalogueEntry {
  return {
    id: 'a',
    storeId: 's',
    storeName: 'S',
    temporary: false,
    path: '/s/a',
    status: 'complete',
    problem: null,
    type: 'full',
    category: 'operational',
    sourceName: 'shop-prod',
    connectionId: 'c1',
    createdAt: '2026-11-20T06:50:00Z',
    completedAt: '2026-11-20T07:00:00Z',
    scope: 'whole deployment',
    documents: 1,
    bytes: 1,
    pinned: false,
    note: '',
    verification: { level: 2, ok: true, at: '2026-11-20T07:01:00Z', elapsedMs: 1, problems: [] },
    ...part,
  };
}

describe('protection', () => {
  it('is missing without a verified backup', () => {
    const damaged = entry({ status: 'damaged' });
    const unverified = entry({ verification: null });
    const rows = protectionRows([damaged, unverified], [shop], now);
    expect(rows).toHaveLength(1);
    expect(protectionSentence(rows, shop, now)).toMatchObject({ state: 'bad' });
  });

  it('holds while the newest verified backup is younger than the objective', () => {
    const rows = protectionRows([entry({})], [shop], now);
    expect(protectionSentence(rows, shop, now)).toEqual({
      state: 'good',
      text: 'Protected: the newest verified backup is 5 h old, RPO 24 h.',
    });
  });

  it('says the worst of several categories', () => {
    const rows = protectionRows([entry({}), entry({ id: 'b', category: 'critical' })], [shop], now);
    expect(rows.map(({ state }) => state)).toEqual(['late', 'within']);
    expect(protectionSentence(rows, shop, now).state).toBe('warning');
  });

  it('does not count files that were only opened', () => {
    expect(protectionRows([entry({ temporary: true })], [], now)).toHaveLength(0);
  });
});
