import { describe, expect, it } from 'vitest';
import { layoutTopology, type LayoutMember, type TopologyLayout } from './topology-layout';

function member(host: string, syncSource: string | null, more: Partial<LayoutMember> = {}): LayoutMember {
  return { host, syncSource, isPrimary: false, isArbiter: false, ...more };
}

const primary = member('a', null, { isPrimary: true });

/** How far a card stands from the beginning, in the direction of the links. */
function distanceOf({ cards, direction }: TopologyLayout, host: string | null): number {
  const [first] = cards;
  const card = cards.find((one) => one.host === host);
  if (!first || !card) return Number.NaN;
  return direction === 'right' ? card.x - first.x : card.y - first.y;
}

function overlaps({ cards, cardWidth, cardHeight }: TopologyLayout): string[] {
  return cards.flatMap((one, index) =>
    cards
      .slice(index + 1)
      .filter((other) => Math.abs(one.x - other.x) < cardWidth && Math.abs(one.y - other.y) < cardHeight)
      .map((other) => `${one.host ?? ''} ${other.host ?? ''}`),
  );
}

describe('the picture of a set', () => {
  it('leads from the primary to those that sync from it, and on to chained ones', () => {
    for (const width of [1000, 500]) {
      const layout = layoutTopology([member('b', 'a'), primary, member('c', 'b')], width);
      expect(layout.direction).toBe(width === 1000 ? 'right' : 'down');
      expect(distanceOf(layout, 'a')).toBe(0);
      expect(distanceOf(layout, 'b')).toBeGreaterThan(0);
      expect(distanceOf(layout, 'c')).toBeGreaterThan(distanceOf(layout, 'b'));
      expect(layout.links.map(({ from, to }) => `${from} ${to}`)).toEqual(['a b', 'b c']);
    }
  });

  it('is as high as few members need, and wide where there are many', () => {
    const chain = layoutTopology([primary, member('b', 'a'), member('c', 'b')], 1000);
    expect(chain.height).toBe(chain.cardHeight);
    const star = Array.from({ length: 6 }, (_, index) => member(`m${index}`, 'a'));
    expect(layoutTopology([primary, ...star], 1000).direction).toBe('down');
  });

  it('puts arbiters beside the primary and leaves those that sync from nobody without a link', () => {
    const layout = layoutTopology([primary, member('v', null, { isArbiter: true }), member('down', null)], 1000);
    expect(distanceOf(layout, 'v')).toBe(0);
    expect(distanceOf(layout, 'down')).toBeGreaterThan(0);
    expect(layout.links).toEqual([]);
  });

  it('keeps the place of a primary that is missing', () => {
    const layout = layoutTopology([member('b', null), member('c', 'b')], 1000);
    expect(distanceOf(layout, null)).toBe(0);
    expect(distanceOf(layout, 'c')).toBeGreaterThan(distanceOf(layout, 'b'));
  });

  it('holds members that name each other, or one that left', () => {
    const layout = layoutTopology([member('b', 'c'), member('c', 'b'), member('d', 'gone')], 1000);
    expect(layout.cards.map(({ host }) => host).sort()).toEqual(['b', 'c', 'd', null]);
    expect(layout.links).toHaveLength(2);
  });

  it.each([1, 2, 3, 7, 20, 50])('fits %i members into any width without one over another', (count) => {
    const others = Array.from({ length: count - 1 }, (_, index) => member(`m${index}`, index % 5 === 4 ? 'm0' : 'a'));
    for (const width of [300, 700, 1000, 1600]) {
      const layout = layoutTopology([primary, ...others], width);
      expect(layout.cards).toHaveLength(count);
      expect(overlaps(layout)).toEqual([]);
      expect(layout.links).toHaveLength(count - 1);
      for (const { x } of layout.cards) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + layout.cardWidth).toBeLessThanOrEqual(width);
      }
    }
  });
});
