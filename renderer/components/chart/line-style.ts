/**
 * How lines are told apart, by more than their colour: members by colour and mark, metrics by dashes; the lines of one member
 * alone by all three. A member keeps its colour on every page and after others have come and gone.
 */
import { useMemo } from 'react';

export const markShapes = ['circle', 'square', 'triangle', 'diamond', 'cross', 'wedge'] as const;
export type MarkShape = (typeof markShapes)[number];

export interface LineStyle {
  colour: string;
  dash: string;
  mark: MarkShape;
}

/** Neither red nor green: those mean states. The theme has them for both backgrounds. */
export const colourCount = 8;
const dashes = ['', '6 3', '2 3', '9 3 2 3', '12 4', '2 6', '6 2 2 2 2 2', '4 8', '1 2'];

const place = <Value>(values: readonly [Value, ...Value[]], index: number): Value =>
  values[index % values.length] ?? values[0];

/** `slot`: the member's place; `metric`: the metric's place among those of the chart. */
export function lineStyle(slot: number, metric: number, isAlone: boolean): LineStyle {
  const own = isAlone ? metric : slot;
  return {
    colour: `var(--lb-series-${(own % colourCount) + 1})`,
    dash: dashes[metric % dashes.length] ?? '',
    mark: place(markShapes, own),
  };
}

/** A mark around a place, as an SVG path. */
export function markPath(shape: MarkShape, x: number, y: number, size: number): string {
  const [left, right, top, bottom] = [x - size, x + size, y - size, y + size];
  switch (shape) {
    case 'circle':
      return `M${left},${y}A${size},${size} 0 1 1 ${right},${y}A${size},${size} 0 1 1 ${left},${y}Z`;
    case 'square':
      return `M${left},${top}H${right}V${bottom}H${left}Z`;
    case 'triangle':
      return `M${x},${top}L${right},${bottom}L${left},${bottom}Z`;
    case 'diamond':
      return `M${x},${y - size * 1.3}L${x + size * 1.3},${y}L${x},${y + size * 1.3}L${x - size * 1.3},${y}Z`;
    case 'cross':
      return `M${left},${y - 1}H${x - 1}V${top}H${x + 1}V${y - 1}H${right}V${y + 1}H${x + 1}V${bottom}H${x - 1}V${y + 1}H${left}Z`;
    case 'wedge':
      return `M${left},${top}H${right}L${x},${bottom}Z`;
  }
}

/** The known members with the unknown ones behind them. */
export function withMembers(known: readonly string[], hosts: readonly string[]): readonly string[] {
  const added = hosts.filter((host) => !known.includes(host)).sort((a, b) => a.localeCompare(b));
  return added.length === 0 ? known : [...known, ...added];
}

const storageKey = 'member-colours';
const memberPlaces = new Map<string, readonly string[]>();

function readPlaces(connectionId: string): readonly string[] {
  const known = memberPlaces.get(connectionId);
  if (known) return known;
  try {
    const stored: unknown = JSON.parse(window.localStorage.getItem(`${storageKey} ${connectionId}`) ?? '[]');
    return Array.isArray(stored) ? stored.filter((host): host is string => typeof host === 'string') : [];
  } catch {
    return [];
  }
}

/** The places of members of a deployment, remembered in the order they were first seen in. */
function memberSlots(connectionId: string, hosts: readonly string[]): ReadonlyMap<string, number> {
  const before = readPlaces(connectionId);
  const places = withMembers(before, hosts);
  memberPlaces.set(connectionId, places);
  if (places !== before) window.localStorage.setItem(`${storageKey} ${connectionId}`, JSON.stringify(places));
  return new Map(places.map((host, slot) => [host, slot]));
}

export function useMemberSlots(connectionId: string, hosts: readonly string[]): ReadonlyMap<string, number> {
  const key = hosts.join('\n');
  return useMemo(() => memberSlots(connectionId, key === '' ? [] : key.split('\n')), [connectionId, key]);
}

/** Names without what all have in common: `:27017`, `db1`, or the whole where little is left out. */
export function shortHosts(hosts: readonly string[]): ReadonlyMap<string, string> {
  const parts = hosts.map((host) => {
    const colon = host.lastIndexOf(':');
    return colon < 0 ? { name: host, port: '' } : { name: host.slice(0, colon), port: host.slice(colon) };
  });
  const names = new Set(parts.map(({ name }) => name));
  const ports = new Set(parts.map(({ port }) => port));
  const domains = new Set(parts.map(({ name }) => name.slice(name.indexOf('.'))));
  const isAddress = parts.some(({ name }) => /^[\d.]+$|:/.test(name));
  const sharesDomain = !isAddress && domains.size === 1 && parts.every(({ name }) => name.includes('.'));
  const short = ({ name, port }: { name: string; port: string }): string => {
    if (hosts.length < 2) return `${name}${port}`;
    if (names.size === 1) return port;
    return `${sharesDomain ? name.slice(0, name.indexOf('.')) : name}${ports.size === 1 ? '' : port}`;
  };
  return new Map(hosts.map((host, index) => [host, short(parts[index] ?? { name: host, port: '' })]));
}
