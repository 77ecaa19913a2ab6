/**
 * Where members stand in the picture of a set and how the links between them run: the primary above, below it who syncs from it,
 * below each of those who syncs from that one. Pure; all lengths in CSS pixels.
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
  cardWidth: number;
  cardHeight: number;
  /** Cards have room for two lines instead of three. */
  isShort: boolean;
  height: number;
  cards: PlacedCard[];
  links: PlacedLink[];
}

const gap = 24;
const rowGap = 46;
const leastCard = 212;
const widestCard = 288;
const cardHeight = 82;
/** Beyond so many members cards tell less, so that the set stays in sight. */
const mostTallCards = 12;
const shortCardHeight = 58;
/** Of the room between two rows: where links leave it from above and enter the last stretch. */
const leaves = 10;
const enters = 30;
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

export function layoutTopology(members: readonly LayoutMember[], width: number): TopologyLayout {
  const isShort = members.length > mostTallCards;
  const height = isShort ? shortCardHeight : cardHeight;
  const depth = depths(members);
  const levels: (string | null)[][] = [];
  const deepest = Math.max(0, ...depth.values());
  for (let level = 0; level <= deepest; level++) {
    const hosts = members.filter(({ host }) => depth.get(host) === level);
    const first = hosts.filter(({ isPrimary }) => isPrimary);
    levels.push([...first, ...hosts.filter(({ isPrimary }) => !isPrimary)].map(({ host }) => host));
  }
  if (!members.some(({ isPrimary }) => isPrimary)) levels[0] = [null, ...(levels[0] ?? [])];

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
      cards.push({ host, x: left + (index % columns) * (cardWidth + gap), y: y + row * (height + rowGap) });
    });
    y += Math.ceil(level.length / columns) * (height + rowGap);
  }
  return {
    cardWidth,
    cardHeight: height,
    isShort,
    height: Math.max(height, y - rowGap),
    cards,
    links: linksOf(members, cards, cardWidth, height),
  };
}

function linksOf(
  members: readonly LayoutMember[],
  cards: readonly PlacedCard[],
  width: number,
  height: number,
): PlacedLink[] {
  const placed = new Map(cards.map((card) => [card.host, card]));
  return members.flatMap(({ host, syncSource }) => {
    const to = placed.get(host);
    const from = syncSource === null ? undefined : placed.get(syncSource);
    if (!to || !from || from.host === null || from === to) return [];
    return [{ from: from.host, to: host, path: pathBetween(from, to, width, height) }];
  });
}

function pathBetween(from: PlacedCard, to: PlacedCard, width: number, height: number): string {
  const startX = from.x + width / 2;
  const endX = to.x + width / 2;
  const bottom = from.y + height;
  const end = to.y - arrow;
  const turn = to.y - enters;
  if (to.y <= from.y) {
    // Beside each other or back up, which only lasts for a moment: a bow below the row.
    const bow = Math.max(from.y, to.y) + height + leaves;
    return `M${startX} ${bottom}V${bow}H${to.x - gap / 2}V${turn}H${endX}V${end}`;
  }
  const isNextRow = to.y - bottom <= rowGap + 1;
  if (isNextRow) return `M${startX} ${bottom}V${bottom + leaves}H${endX}V${end}`;
  return `M${startX} ${bottom}V${bottom + leaves}H${to.x - gap / 2}V${turn}H${endX}V${end}`;
}
