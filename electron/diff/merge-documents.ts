/**
 * Documents made of two others, on raw BSON: what `merge` and picks of single fields write. The target's fields stay
 * where they are, what only the backup has comes after them in the backup's order, arrays are taken as wholes. Bytes
 * that are taken over are taken as they are, so that repeated names, `__proto__`, NaN payloads and invalid UTF-8 survive.
 */
import { ArchiveDamage } from '../archive/archive-damage';
import { documentLength } from '../archive/raw-bson';
import { forEachElement, sameValue, type RawElement } from './bson-reader';

const objectType = 0x03;

/** Elements of the document at `start`. Throws ArchiveDamage on bytes that are no BSON: nothing may be left out. */
export function framedElements(source: Buffer, start: number): RawElement[] {
  const end = start + documentLength(source, start) - 1;
  const elements: RawElement[] = [];
  let reached = start + 4;
  forEachElement(source, start, (element) => {
    elements.push(element);
    reached = element.end;
  });
  if (reached !== end) throw new ArchiveDamage('document', `Broken BSON document at byte ${reached}.`);
  return elements;
}

/** Equal for names of equal bytes, and for those only. */
export function nameKey({ source, nameStart, nameEnd }: RawElement): string {
  return source.toString('latin1', nameStart, nameEnd);
}

export function bytesOf({ source, start, end }: RawElement): Buffer {
  return source.subarray(start, end);
}

/** A document of whole elements. */
export function documentOf(elements: readonly Buffer[]): Buffer {
  let length = 5;
  for (const element of elements) length += element.length;
  const document = Buffer.allocUnsafe(length);
  document.writeInt32LE(length, 0);
  let at = 4;
  for (const element of elements) at += element.copy(document, at);
  document[at] = 0;
  return document;
}

/** An element with the name of `named` and a sub-document as its value. */
export function objectElement(named: RawElement, document: Buffer): Buffer {
  const head = Buffer.from(named.source.subarray(named.start, named.nameEnd + 1));
  head[0] = objectType;
  return Buffer.concat([head, document]);
}

export function isObject({ type }: RawElement): boolean {
  return type === objectType;
}

/** Null: the target's element stays as it is. */
function mergeElement(backup: RawElement, target: RawElement): Buffer | null {
  if (sameValue(backup, target)) return null;
  if (!isObject(backup) || !isObject(target)) return bytesOf(backup);
  const merged = mergeLevel(
    framedElements(backup.source, backup.valueStart),
    framedElements(target.source, target.valueStart),
    false,
  );
  return merged && objectElement(target, merged);
}

interface Namesakes {
  elements: RawElement[];
  /** How many of them have found their place. */
  placed: number;
}

/**
 * A name that is repeated is met in order: the target's second by the backup's second. What the target has more of is
 * left out then, since the name is not one that only the target has. Null: nothing changes.
 */
function mergeLevel(backup: readonly RawElement[], target: readonly RawElement[], top: boolean): Buffer | null {
  const byName = new Map<string, Namesakes>();
  for (const element of backup) {
    const key = nameKey(element);
    const namesakes = byName.get(key);
    if (namesakes) namesakes.elements.push(element);
    else byName.set(key, { elements: [element], placed: 0 });
  }
  let changed = false;
  const placed = new Set<RawElement>();
  const parts: Buffer[] = [];
  for (const element of target) {
    const key = nameKey(element);
    const namesakes = top && key === '_id' ? undefined : byName.get(key);
    if (!namesakes) {
      parts.push(bytesOf(element));
      continue;
    }
    const wanted = namesakes.elements[namesakes.placed++];
    if (!wanted) {
      changed = true;
      continue;
    }
    placed.add(wanted);
    const merged = mergeElement(wanted, element);
    if (merged) changed = true;
    parts.push(merged ?? bytesOf(element));
  }
  for (const element of backup) {
    if (placed.has(element) || (top && nameKey(element) === '_id')) continue;
    changed = true;
    parts.push(bytesOf(element));
  }
  return changed ? documentOf(parts) : null;
}

/**
 * The target's document with the backup's fields set, at every depth of sub-documents; fields that only the target has
 * stay, and so does its `_id`. Where one side has a sub-document and the other has not, the backup's value wins. Returns
 * `target` itself when the merge changes nothing. Throws ArchiveDamage on bytes that are no BSON.
 */
export function mergeDocuments(backup: Buffer, target: Buffer): Buffer {
  if (backup.equals(target)) return target;
  return mergeLevel(framedElements(backup, 0), framedElements(target, 0), true) ?? target;
}
