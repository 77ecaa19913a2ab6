import type { DocumentChange, FieldDiffRow } from '../../shared/diff';
import { childrenOf, elementsOf, nameOf, sameValue, type RawElement } from './bson-reader';
import { alignArrays } from './array-alignment';
import { numericKey } from './number-values';
import { oneLine, typedValue, typeName } from './value-text';

type Kind = FieldDiffRow['kind'];

/** Rows shown of one document: equal ones are left out sooner, so that they cannot crowd out a difference. */
const shownDifferences = 3000;
const shownEquals = 2000;
/** Bytes of the rows together, as JSON; equal ones get half of them. */
const shownBytes = 1_400_000;
const bytesOfRow = 220;

interface Collector {
  rows: FieldDiffRow[];
  differences: number;
  equals: number;
  omitted: number;
  bytes: number;
}

function push(collector: Collector, row: () => FieldDiffRow, kind: Kind): number {
  if (isFull(collector, kind)) {
    collector.omitted++;
    return -1;
  }
  const made = row();
  const bytes = sizeOf(made);
  if (collector.bytes + bytes > shownBytes) {
    collector.omitted++;
    return -1;
  }
  collector.bytes += bytes;
  if (kind === 'same') collector.equals++;
  else collector.differences++;
  return collector.rows.push(made) - 1;
}

/** Then neither the row nor what is inside it needs to be made. */
function isFull({ equals, differences, bytes }: Collector, kind: Kind): boolean {
  if (kind === 'same') return equals >= shownEquals || bytes >= shownBytes / 2;
  return differences >= shownDifferences || bytes >= shownBytes - bytesOfRow;
}

function sizeOf({ path, name, backup, target }: FieldDiffRow): number {
  const texts = (backup?.text.length ?? 0) + (target?.text.length ?? 0) + name.length;
  // The path stands there twice: as text and as names. Characters are up to three bytes.
  return bytesOfRow + 2 * Buffer.byteLength(path) + 2 * texts;
}

/** Names from the document down to a value. */
type Path = readonly string[];

/** The same value under another type: numbers the server calls equal, and text as string or symbol. */
function kindOfPair(backup: RawElement, target: RawElement): Kind {
  if (sameValue(backup, target)) return 'same';
  if (backup.type === target.type) return 'changed';
  const key = numericKey(backup);
  if (key !== null && key === numericKey(target)) return 'type';
  const isText = (type: number): boolean => type === 0x02 || type === 0x0d || type === 0x0e;
  if (isText(backup.type) && isText(target.type)) {
    const equal =
      backup.source.compare(target.source, target.valueStart, target.end, backup.valueStart, backup.end) === 0;
    if (equal) return 'type';
  }
  return 'changed';
}

function addOneSided(collector: Collector, element: RawElement, name: string, path: Path, depth: number, kind: Kind) {
  if (isFull(collector, kind)) {
    collector.omitted++;
    return;
  }
  const value = (): FieldDiffRow => ({
    path: path.join('.'),
    names: [...path],
    name,
    depth,
    kind,
    backup: kind === 'onlyInTarget' ? null : typedValue(element),
    target: kind === 'onlyInBackup' ? null : typedValue(element),
  });
  push(collector, value, kind);
  for (const child of childrenOf(element)) {
    const childName = nameOf(child);
    addOneSided(collector, child, childName, [...path, childName], depth + 1, kind);
  }
}

interface Pair {
  backup: RawElement;
  target: RawElement;
  name: string;
  displaced: 'order' | 'move' | null;
}

/** Adds the rows of a value that both sides have; returns how it differs. */
function addPair(collector: Collector, pair: Pair, parentPath: Path, depth: number): Kind {
  const { backup, target, name } = pair;
  const path = [...parentPath, name];
  let kind = kindOfPair(backup, target);
  if (kind === 'same' && pair.displaced) kind = pair.displaced;
  if (isFull(collector, kind)) {
    collector.omitted++;
    return kind;
  }
  const row = (): FieldDiffRow => ({
    path: path.join('.'),
    names: [...path],
    name,
    depth,
    kind,
    backup: typedValue(backup),
    target: typedValue(target),
  });
  const at = push(collector, row, kind);
  const opens = backup.type === target.type && (backup.type === 0x03 || backup.type === 0x04);
  if (!opens) {
    if (kind === 'changed') addChildrenOfBoth(collector, backup, target, path, depth + 1);
    return kind;
  }
  if (kind !== 'changed') {
    addEqualChildren(collector, backup, target, path, depth + 1);
    return kind;
  }
  const inner =
    backup.type === 0x03
      ? addFields(collector, childrenOf(backup), childrenOf(target), path, depth + 1)
      : addArray(collector, childrenOf(backup), childrenOf(target), path, depth + 1);
  if (inner !== 'changed' && inner !== 'same') kind = inner;
  const shown = at < 0 ? undefined : collector.rows[at];
  if (shown) shown.kind = kind;
  return kind;
}

/** An object here, something else there: both sides' insides are shown. */
function addChildrenOfBoth(
  collector: Collector,
  backup: RawElement,
  target: RawElement,
  path: Path,
  depth: number,
): void {
  for (const child of childrenOf(backup)) {
    addOneSided(collector, child, nameOf(child), [...path, nameOf(child)], depth, 'onlyInBackup');
  }
  for (const child of childrenOf(target)) {
    addOneSided(collector, child, nameOf(child), [...path, nameOf(child)], depth, 'onlyInTarget');
  }
}

function addEqualChildren(
  collector: Collector,
  backup: RawElement,
  target: RawElement,
  path: Path,
  depth: number,
): void {
  const others = childrenOf(target);
  childrenOf(backup).forEach((child, index) => {
    const other = others[index];
    if (other) addPair(collector, { backup: child, target: other, name: nameOf(child), displaced: null }, path, depth);
  });
}

function summarise(kinds: Kind[]): Kind {
  const differing = kinds.filter((kind) => kind !== 'same');
  if (differing.length === 0) return 'same';
  if (differing.every((kind) => kind === 'order')) return 'order';
  if (differing.every((kind) => kind === 'move')) return 'move';
  return 'changed';
}

/** Fields by name; the nth duplicate of a name answers to the nth duplicate on the other side. */
function keysOf(elements: RawElement[]): string[] {
  const seen = new Map<string, number>();
  return elements.map((element) => {
    const name = element.source.toString('latin1', element.nameStart, element.nameEnd);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return `${count} ${name}`;
  });
}

function sameName(a: RawElement, b: RawElement): boolean {
  const length = a.nameEnd - a.nameStart;
  if (length !== b.nameEnd - b.nameStart) return false;
  for (let at = 0; at < length; at++) if (a.source[a.nameStart + at] !== b.source[b.nameStart + at]) return false;
  return true;
}

/** A pair in its place; in a huge document most are equal, and beyond what is shown they cost next to nothing. */
function addAligned(
  collector: Collector,
  left: RawElement,
  right: RawElement,
  position: number | null,
  path: Path,
  depth: number,
): Kind {
  if (isFull(collector, 'same') && (isFull(collector, 'changed') || sameValue(left, right))) {
    collector.omitted++;
    return sameValue(left, right) ? 'same' : 'changed';
  }
  const name = position === null ? nameOf(left) : `${position}`;
  return addPair(collector, { backup: left, target: right, name, displaced: null }, path, depth);
}

function addFields(collector: Collector, backup: RawElement[], target: RawElement[], path: Path, depth: number): Kind {
  const kinds: Kind[] = [];
  let i = 0;
  // While the fields stand in the same order on both sides, their names need no table.
  for (; i < backup.length && i < target.length; i++) {
    const [left, right] = [backup[i], target[i]];
    if (!left || !right || !sameName(left, right)) break;
    kinds.push(addAligned(collector, left, right, null, path, depth));
  }
  if (i === backup.length && i === target.length) return summarise(kinds);
  const backupKeys = keysOf(backup);
  const targetKeys = keysOf(target);
  const inBackup = new Set(backupKeys);
  const targetAt = new Map(targetKeys.map((key, index) => [key, index]));
  const shown = new Set<number>(Array.from({ length: i }, (_, index) => index));
  let j = i;
  while (i < backup.length || j < target.length) {
    const left = backup[i];
    const right = target[j];
    if (right && shown.has(j)) {
      j++;
    } else if (right && !inBackup.has(targetKeys[j] ?? '')) {
      const name = nameOf(right);
      addOneSided(collector, right, name, [...path, name], depth, 'onlyInTarget');
      kinds.push('onlyInTarget');
      j++;
    } else if (left) {
      const at = targetAt.get(backupKeys[i] ?? '');
      const other = at === undefined ? undefined : target[at];
      const name = nameOf(left);
      if (at === undefined || !other) {
        addOneSided(collector, left, name, [...path, name], depth, 'onlyInBackup');
        kinds.push('onlyInBackup');
      } else {
        shown.add(at);
        const displaced = at === j ? null : 'order';
        kinds.push(addPair(collector, { backup: left, target: other, name, displaced }, path, depth));
        if (displaced && kinds[kinds.length - 1] !== 'order') kinds.push('order');
      }
      i++;
    } else {
      j++;
    }
  }
  return summarise(kinds);
}

function addArray(collector: Collector, backup: RawElement[], target: RawElement[], path: Path, depth: number): Kind {
  const kinds: Kind[] = [];
  for (const step of alignArrays(backup, target)) {
    const left = step.backup === null ? undefined : backup[step.backup];
    const right = step.target === null ? undefined : target[step.target];
    if (left && right) {
      const moved = step.kind === 'move';
      if (!moved && step.backup === step.target) {
        kinds.push(addAligned(collector, left, right, step.backup, path, depth));
        continue;
      }
      const name = step.backup === step.target ? `${step.backup}` : `${step.backup} → ${step.target}`;
      kinds.push(
        addPair(collector, { backup: left, target: right, name, displaced: moved ? 'move' : null }, path, depth),
      );
      if (step.backup !== step.target && kinds[kinds.length - 1] === 'same') kinds.push('move');
    } else if (left) {
      addOneSided(collector, left, `${step.backup}`, [...path, `${step.backup}`], depth, 'onlyInBackup');
      kinds.push('onlyInBackup');
    } else if (right) {
      addOneSided(collector, right, `${step.target}`, [...path, `${step.target}`], depth, 'onlyInTarget');
      kinds.push('onlyInTarget');
    }
  }
  return summarise(kinds);
}

/**
 * The two-column, typed, field-level comparison of two documents given as raw BSON; null where a side has none. Works on
 * bytes and never throws, whatever the documents hold.
 */
export function diffDocuments(
  backup: Buffer | null,
  target: Buffer | null,
): { rows: FieldDiffRow[]; rowsOmitted: number } {
  const collector: Collector = { rows: [], differences: 0, equals: 0, omitted: 0, bytes: 0 };
  if (backup && target) {
    addFields(collector, elementsOf(backup), elementsOf(target), [], 0);
  } else {
    const kind = backup ? 'onlyInBackup' : 'onlyInTarget';
    for (const element of elementsOf(backup ?? target ?? Buffer.alloc(0))) {
      addOneSided(collector, element, nameOf(element), [nameOf(element)], 0, kind);
    }
  }
  return { rows: collector.rows, rowsOmitted: collector.omitted };
}

const summaryParts = 4;
const summaryCharacters = 60;
/** A line for the list: what changed with both values, or the first fields. */
export function summariseDocument(change: DocumentChange, backup: Buffer | null, target: Buffer | null): string {
  if (change !== 'changed' || !backup || !target) {
    const elements = elementsOf(backup ?? target ?? Buffer.alloc(0)).filter((element) => nameOf(element) !== '_id');
    const parts = elements
      .slice(0, summaryParts)
      .map((element) => `${nameOf(element).slice(0, summaryCharacters)}: ${short(element)}`);
    return `{ ${parts.join(', ')}${elements.length > summaryParts ? ', …' : ''} }`;
  }
  const parts: string[] = [];
  let further = 0;
  for (const row of changedLeaves(diffDocuments(backup, target).rows)) {
    if (parts.length >= summaryParts) further++;
    else parts.push(describeRow(row));
  }
  return parts.join(' · ') + (further > 0 ? ` · ${further} more` : '');
}

/** The rows that tell the difference by themselves: not the objects around them, not the insides of what one side lacks. */
export function changedLeaves(rows: readonly FieldDiffRow[]): FieldDiffRow[] {
  return rows.filter((row, index) => {
    if (row.kind === 'same') return false;
    const next = rows[index + 1];
    const opened = next !== undefined && next.depth > row.depth;
    if (row.kind === 'changed') return !opened || row.backup?.type !== row.target?.type;
    // The inside of what is there on one side only is told by its outermost row.
    if (row.kind !== 'onlyInBackup' && row.kind !== 'onlyInTarget') return true;
    for (let at = index - 1; at >= 0; at--) {
      const above = rows[at];
      if (above && above.depth < row.depth)
        return above.kind === 'changed' && above.backup?.type === above.target?.type;
    }
    return true;
  });
}

function describeRow(row: FieldDiffRow): string {
  const text = (value: FieldDiffRow['backup']): string => (value?.text ?? '').slice(0, summaryCharacters);
  const path = row.path.slice(0, 2 * summaryCharacters);
  switch (row.kind) {
    case 'onlyInBackup':
      return `${path} only in backup: ${text(row.backup)}`;
    case 'onlyInTarget':
      return `${path} only in target: ${text(row.target)}`;
    case 'order':
      return `${path} in another place`;
    case 'move':
      return `${path} moved`;
    case 'type':
    case 'changed':
    case 'same': {
      const types = row.backup?.type === row.target?.type ? ['', ''] : [`${row.backup?.type} `, `${row.target?.type} `];
      return `${path} ${types[0]}${text(row.backup)} → ${types[1]}${text(row.target)}`;
    }
  }
}

function short(element: RawElement): string {
  const text = oneLine(element, summaryCharacters);
  return text.length > summaryCharacters ? `${text.slice(0, summaryCharacters)}…` : text;
}

export function idTypeOf(element: RawElement | null): string {
  return element ? typeName(element.type) : 'none';
}
