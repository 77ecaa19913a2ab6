/**
 * Where members stand in the picture of a set and how the links between them run: from the primary to who syncs from it, from
 * each of those to who syncs from that one; to the right where the set is small, downwards where it is not. Pure; all lengths in
 * CSS pixels.
 */

export interface LayoutMember {
  host: string;
  syncSource: string | null;
  isPrimary: boolean;
  isArbiter: boolean;
}

export interface PlacedCard {
  /** Null: stands where the primary would. */
  host: string | null;
  x: number;
  y: number;
}

export interface PlacedLink {
  from: string;
  to: string;
  /** Of an SVG path, from the source to the member that syncs from it. */
  path: string;
}

export interface TopologyLayout {
  /** Where links lead. */
  direction: 'right' | 'down';
  cardWidth: number;
  cardHeight: number;
  /** Cards have room for two lines instead of three. */
  isShort: boolean;
  height: number;
  cards: PlacedCard[];
  links: PlacedLink[];
}

/** Hosts by their distance from the primary; null is the place of a primary that is missing. */
type Levels = (string | null)[][];

const gap = 24;
const leastCard = 212;
const widestCard = 288;
const cardHeight = 82;
/** Beyond so many members cards tell less, so that the set stays in sight. */
const mostTallCards = 12;
const shortCardHeight = 58;
/** Between a card and the next one its link leads to: the lag stands there. */
const downGap = 46;
const rightGap = 136;
/** Of that room: where links leave it, and where those that come from afar turn towards their end. */
const leaves = 10;
const turns = 30;
const arrow = 5;

/** How many links away from the primary each member is; what syncs from nobody stands where secondaries do. */
function depths(members: readonly LayoutMember[]): Map<string, number> {
  const byHost = new Map(members.map((member) => [member.host, member]));
  const depthOf = (member: LayoutMember, seen: ReadonlySet<string>): number => {
    if (member.isPrimary || member.isArbiter) return 0;
    const source = member.syncSource === null ? undefined : byHost.get(member.syncSource);
    // Two members may name each other for a moment.
    if (!source || source.isArbiter || seen.has(source.host)) return 1;
    return depthOf(source, new Set([...seen, member.host])) + 1;
  };
  return new Map(members.map((member) => [member.host, depthOf(member, new Set([member.host]))]));
}

function levelsOf(members: readonly LayoutMember[]): Levels {
  const depth = depths(members);
  const deepest = Math.max(0, ...depth.values());
  const levels: Levels = Array.from({ length: deepest + 1 }, (_, level) => {
    const hosts = members.filter(({ host }) => depth.get(host) === level);
    const first = hosts.filter(({ isPrimary }) => isPrimary);
    return [...first, ...hosts.filter(({ isPrimary }) => !isPrimary)].map(({ host }) => host);
  });
  if (!members.some(({ isPrimary }) => isPrimary)) levels[0] = [null, ...(levels[0] ?? [])];
  return levels;
}

export function layoutTopology(members: readonly LayoutMember[], width: number): TopologyLayout {
  const isShort = members.length > mostTallCards;
  const height = isShort ? shortCardHeight : cardHeight;
  const levels = levelsOf(members);
  const down = arrangeDown(levels, width, height);
  const right = arrangeRight(levels, members, width, height);
  const chosen = right && right.height <= down.height ? right : down;
  const links = linksOf(members, chosen.cards, (from, to) =>
    chosen.direction === 'right'
      ? pathToTheRight(from, to, chosen.cardWidth, height)
      : pathDown(from, to, chosen.cardWidth, height),
  );
  return { ...chosen, cardHeight: height, isShort, links };
}

type Arrangement = Pick<TopologyLayout, 'direction' | 'cardWidth' | 'height' | 'cards'>;

/** Each level in rows of its own, centred. */
function arrangeDown(levels: Levels, width: number, cardHeight: number): Arrangement {
  const perRow = Math.max(1, Math.floor((width + gap) / (leastCard + gap)));
  const columns = Math.max(1, Math.min(perRow, Math.max(...levels.map(({ length }) => length))));
  const cardWidth = Math.max(120, Math.min(widestCard, Math.floor((width - gap * (columns - 1)) / columns)));
  const cards: PlacedCard[] = [];
  let y = 0;
  for (const level of levels) {
    const inRow = Math.min(level.length, columns);
    const left = Math.max(0, (width - inRow * cardWidth - (inRow - 1) * gap) / 2);
    level.forEach((host, index) => {
      const row = Math.floor(index / columns);
      cards.push({ host, x: left + (index % columns) * (cardWidth + gap), y: y + row * (cardHeight + downGap) });
    });
    y += Math.ceil(level.length / columns) * (cardHeight + downGap);
  }
  return { direction: 'down', cardWidth, height: Math.max(cardHeight, y - downGap), cards };
}

/** Each level in a column, every member as high as who it syncs from where there is room; null where it does not fit. */
function arrangeRight(
  levels: Levels,
  members: readonly LayoutMember[],
  width: number,
  cardHeight: number,
): Arrangement | null {
  const columns = levels.length;
  const cardWidth = Math.min(widestCard, Math.floor((width - rightGap * (columns - 1)) / columns));
  if (cardWidth < leastCard) return null;
  const sources = new Map(members.map(({ host, syncSource }) => [host, syncSource]));
  const rows = new Map<string | null, number>();
  const cards: PlacedCard[] = [];
  const left = (width - columns * cardWidth - (columns - 1) * rightGap) / 2;
  levels.forEach((level, column) => {
    const wanted = (host: string | null): number =>
      host === null ? 0 : (rows.get(sources.get(host) ?? '') ?? Number.MAX_SAFE_INTEGER);
    let next = 0;
    for (const host of [...level].sort((a, b) => (column === 0 ? 0 : wanted(a) - wanted(b)))) {
      const source = host === null ? undefined : rows.get(sources.get(host) ?? '');
      const row = column === 0 ? next : Math.max(next, source ?? 0);
      rows.set(host, row);
      cards.push({ host, x: left + column * (cardWidth + rightGap), y: row * (cardHeight + gap) });
      next = row + 1;
    }
  });
  const lowest = Math.max(...rows.values());
  return { direction: 'right', cardWidth, height: lowest * (cardHeight + gap) + cardHeight, cards };
}

function linksOf(
  members: readonly LayoutMember[],
  cards: readonly PlacedCard[],
  pathBetween: (from: PlacedCard, to: PlacedCard) => string,
): PlacedLink[] {
  const placed = new Map(cards.map((card) => [card.host, card]));
  return members.flatMap(({ host, syncSource }) => {
    const to = placed.get(host);
    const from = syncSource === null ? undefined : placed.get(syncSource);
    if (!to || !from || from.host === null || from === to) return [];
    return [{ from: from.host, to: host, path: pathBetween(from, to) }];
  });
}

function pathToTheRight(from: PlacedCard, to: PlacedCard, width: number, height: number): string {
  const start = from.x + width;
  const middle = to.y + height / 2;
  const end = to.x - arrow;
  // Above each other, which only lasts for a moment: around by the gap on the right.
  if (to.x <= from.x)
    return `M${start} ${from.y + height / 2}h${leaves}V${to.y - gap / 2}H${to.x - leaves * 2}V${middle}H${end}`;
  return `M${start} ${from.y + height / 2}H${start + leaves}V${middle}H${end}`;
}

function pathDown(from: PlacedCard, to: PlacedCard, width: number, height: number): string {
  const startX = from.x + width / 2;
  const endX = to.x + width / 2;
  const bottom = from.y + height;
  const end = to.y - arrow;
  const turn = to.y - turns;
  // Beside each other or back up, which only lasts for a moment: a bow below the row.
  if (to.y <= from.y)
    return `M${startX} ${bottom}V${Math.max(from.y, to.y) + height + leaves}H${to.x - gap / 2}V${turn}H${endX}V${end}`;
  const isNextRow = to.y - bottom <= downGap + 1;
  if (isNextRow) return `M${startX} ${bottom}V${bottom + leaves}H${endX}V${end}`;
  return `M${startX} ${bottom}V${bottom + leaves}H${to.x - gap / 2}V${turn}H${endX}V${end}`;
}
