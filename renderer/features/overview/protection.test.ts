import { describe, expect, it, vi } from 'vitest';
import type { CatalogueEntry } from '../../../shared/backups';
import { catalogueEntry, shopConnection as shop } from '../../../shared/test-support/samples';

vi.stubGlobal('window', { localStorage: { getItem: () => null } });
const { protectionRows, protectionSentence } = await import('./protection');

const now = new Date('2026-11-20T12:00:00Z');
const entry = (part: Partial<CatalogueEntry>) =>
  catalogueEntry({ connectionId: shop.id, sourceName: shop.name, ...part });

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
