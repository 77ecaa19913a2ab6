/**
 * Which paths of two documents differ, straight from their bytes: made for millions of documents, where the rows of the
 * document view would cost too much. Says the same as those rows do, coarser: elements of arrays are one path.
 */
import { decodeText, endOfValue } from '../../archive/raw-bson';
import { alignArrays } from '../array-alignment';
import { elementsOf, type RawElement } from '../bson-reader';

const objectType = 0x03;
const arrayType = 0x04;
/** Different paths told apart; further ones count as {@link otherPath}. */
const mostPaths = 20_000;
/** Bytes of a path shown. */
const longestPath = 400;
/** Differing paths noted of one document. */
const mostOfDocument = 256;
/** Deeper than any server stores; below it a difference is one of the whole value. */
const deepestPath = 250;
/** Cells of the table that aligns two arrays: a page of the document view may take longer than one of a million documents. */
const alignmentTable = 10_000;
/** Id of all paths beyond {@link mostPaths}. */
export const otherPath = 0;

interface PathNode {
  id: number;
  text: string;
  /** By name, bytes as Latin-1; `*` of arrays apart. */
  children: Map<string, PathNode> | null;
  elements: PathNode | null;
}

/** What one pair of documents showed; valid until the next one. */
export interface CollectedPaths {
  /** Ids of paths, each once, in no order. */
  ids: Uint32Array;
  /** False: `merge` would leave the target's document as it is. */
  mergeChanges: boolean;
}

export class PathCollector {
  readonly #root: PathNode = { id: -1, text: '', children: null, elements: null };
  readonly #texts: string[] = ['…'];
  readonly #documents: number[] = [0];
  /** Number of the last document that noted a path: a path counts once a document. */
  readonly #lastSeen: number[] = [-1];
  readonly #ids = new Uint32Array(mostOfDocument);
  readonly #idOf = new Map<string, number>();
  #nodes = 0;
  #noted = 0;
  /** Differences told so far, repeated paths included. */
  #told = 0;
  #document = 0;
  #mergeChanges = false;

  /** Two versions of one document. Never throws: what cannot be framed ends the reading of its level. */
  collect(backup: Buffer, target: Buffer): CollectedPaths {
    this.#noted = 0;
    this.#document++;
    this.#mergeChanges = false;
    this.#compareObjects(backup, 0, target, 0, this.#root, 0);
    return { ids: this.#ids.subarray(0, this.#noted), mergeChanges: this.#mergeChanges };
  }

  /** Text of a path by its id. */
  textOf(id: number): string {
    return this.#texts[id] ?? '';
  }

  /** All paths so far with the number of documents they differ in, most first. */
  summary(): { id: number; path: string; documents: number }[] {
    return this.#texts
      .map((path, id) => ({ id, path, documents: this.#documents[id] ?? 0 }))
      .filter(({ documents }) => documents > 0)
      .sort((a, b) => b.documents - a.documents || (a.path < b.path ? -1 : 1));
  }

  #note(node: PathNode): void {
    const { id } = node;
    this.#told++;
    if (id < 0 || this.#lastSeen[id] === this.#document) return;
    this.#lastSeen[id] = this.#document;
    this.#documents[id] = (this.#documents[id] ?? 0) + 1;
    if (this.#noted < mostOfDocument) this.#ids[this.#noted++] = id;
  }

  /** Paths are one when they read the same: a field named `*` and the elements of an array. */
  #newNode(parent: PathNode, name: string): PathNode {
    const whole = parent.text === '' && parent.id < 0 ? name : `${parent.text}.${name}`;
    const text = whole.length > longestPath ? `${whole.slice(0, longestPath)}…` : whole;
    let id = this.#idOf.get(text);
    if (id === undefined) {
      id = this.#texts.length < mostPaths ? this.#texts.length : otherPath;
      if (id !== otherPath) {
        this.#idOf.set(text, id);
        this.#texts.push(text);
        this.#documents.push(0);
        this.#lastSeen.push(-1);
      }
    }
    return { id, text, children: null, elements: null };
  }

  #child(parent: PathNode, source: Buffer, nameStart: number, nameEnd: number): PathNode {
    const key = source.toString('latin1', nameStart, nameEnd);
    parent.children ??= new Map();
    let node = parent.children.get(key);
    if (!node) {
      node = this.#newNode(parent, decodeText(source.subarray(nameStart, nameEnd)));
      // Names that are values (an object used as a map) must not fill the memory with nodes.
      if (this.#nodes < 2 * mostPaths) {
        this.#nodes++;
        parent.children.set(key, node);
      }
    }
    return node;
  }

  #elementsNode(parent: PathNode): PathNode {
    parent.elements ??= this.#newNode(parent, '*');
    return parent.elements;
  }

  /** Walks two objects side by side while their fields stand in the same order; hands over to {@link #compareFields}. */
  #compareObjects(a: Buffer, aStart: number, b: Buffer, bStart: number, node: PathNode, depth: number): void {
    const aLimit = limitOf(a, aStart);
    const bLimit = limitOf(b, bStart);
    let i = aStart + 4;
    let j = bStart + 4;
    while (i < aLimit && j < bLimit) {
      const aName = endOfName(a, i + 1, aLimit);
      const bName = endOfName(b, j + 1, bLimit);
      if (aName < 0 || bName < 0 || !sameBytes(a, i + 1, aName, b, j + 1, bName)) break;
      const aType = a[i] ?? 0;
      const bType = b[j] ?? 0;
      const aEnd = endOfValue(a, aType, aName + 1, aLimit);
      const bEnd = endOfValue(b, bType, bName + 1, bLimit);
      if (aEnd < 0 || bEnd < 0) return;
      if (aType !== bType || !sameBytes(a, aName + 1, aEnd, b, bName + 1, bEnd)) {
        const isId = depth === 0 && aName - i === 4 && a[i + 1] === 0x5f && a[i + 2] === 0x69 && a[i + 3] === 0x64;
        const before = this.#mergeChanges;
        this.#compareValues(
          { source: a, type: aType, start: i, nameStart: i + 1, nameEnd: aName, valueStart: aName + 1, end: aEnd },
          { source: b, type: bType, start: j, nameStart: j + 1, nameEnd: bName, valueStart: bName + 1, end: bEnd },
          this.#child(node, a, i + 1, aName),
          depth + 1,
        );
        if (isId) this.#mergeChanges = before;
      }
      i = aEnd;
      j = bEnd;
    }
    if (i >= aLimit && j >= bLimit) return;
    this.#compareFields(elementsOf(a, aStart), elementsOf(b, bStart), i, j, node, depth);
  }

  /**
   * The rest of two objects, from the offsets on, whose fields do not stand in the same order any more. As in the document
   * view: the nth of a repeated name answers to the nth, and a field is out of order when it is not the first of those
   * left.
   */
  #compareFields(backup: RawElement[], target: RawElement[], from: number, to: number, node: PathNode, depth: number) {
    const backupKeys = keysOf(backup);
    const targetKeys = keysOf(target);
    const inBackup = new Set(backupKeys);
    const names = new Set(backup.map(latinName));
    const places = new Map(targetKeys.map((key, index) => [key, index]));
    const taken = new Uint8Array(target.length);
    let next = 0;
    const skip = (): void => {
      while (next < target.length && (taken[next] === 1 || !inBackup.has(targetKeys[next] ?? ''))) next++;
    };
    backup.forEach((element, index) => {
      const place = places.get(backupKeys[index] ?? '');
      const other = place === undefined ? undefined : target[place];
      if (place === undefined || !other) {
        this.#note(this.#child(node, element.source, element.nameStart, element.nameEnd));
        if (!isTopId(element, depth)) this.#mergeChanges = true;
        return;
      }
      skip();
      taken[place] = 1;
      const displaced = place !== next;
      if (element.start < from && other.start < to) return;
      if (displaced) this.#note(this.#child(node, element.source, element.nameStart, element.nameEnd));
      if (sameElement(element, other)) return;
      const before = this.#mergeChanges;
      const child = this.#child(node, element.source, element.nameStart, element.nameEnd);
      this.#compareValues(element, other, child, depth + 1);
      if (isTopId(element, depth)) this.#mergeChanges = before;
    });
    target.forEach((element, index) => {
      if (inBackup.has(targetKeys[index] ?? '')) return;
      this.#note(this.#child(node, element.source, element.nameStart, element.nameEnd));
      if (names.has(latinName(element)) && !isTopId(element, depth)) this.#mergeChanges = true;
    });
  }

  /** Two values under one name that are not the same bytes. */
  #compareValues(backup: RawElement, target: RawElement, node: PathNode, depth: number): void {
    const opens = backup.type === target.type && depth < deepestPath;
    if (opens && backup.type === objectType) {
      const told = this.#told;
      this.#compareObjects(backup.source, backup.valueStart, target.source, target.valueStart, node, depth);
      // Nothing inside could be told: bytes that are no BSON.
      if (told === this.#told) this.#noteWhole(node);
    } else if (opens && backup.type === arrayType) {
      this.#mergeChanges = true;
      this.#compareArrays(backup, target, node, depth);
    } else {
      this.#noteWhole(node);
    }
  }

  #noteWhole(node: PathNode): void {
    this.#note(node);
    this.#mergeChanges = true;
  }

  #compareArrays(backup: RawElement, target: RawElement, node: PathNode, depth: number): void {
    const a = elementsOf(backup.source, backup.valueStart);
    const b = elementsOf(target.source, target.valueStart);
    const inner = this.#elementsNode(node);
    let head = 0;
    while (head < a.length && head < b.length && sameElement(a[head], b[head])) head++;
    let aEnd = a.length;
    let bEnd = b.length;
    while (aEnd > head && bEnd > head && sameElement(a[aEnd - 1], b[bEnd - 1])) {
      aEnd--;
      bEnd--;
    }
    if (aEnd === head || bEnd === head) {
      // Equal elements under other keys than 0, 1, 2 are a difference all the same.
      this.#note(inner);
      return;
    }
    const left = a.slice(head, aEnd);
    const right = b.slice(head, bEnd);
    if (left.length === 1 && right.length === 1) {
      const [one, other] = [left[0], right[0]];
      if (one && other) this.#compareValues(one, other, inner, depth + 1);
      return;
    }
    for (const step of alignArrays(left, right, alignmentTable)) {
      const one = step.backup === null ? undefined : left[step.backup];
      const other = step.target === null ? undefined : right[step.target];
      if (!one || !other || step.kind === 'move') this.#note(inner);
      else if (!sameElement(one, other)) this.#compareValues(one, other, inner, depth + 1);
    }
  }
}

function limitOf(source: Buffer, start: number): number {
  if (start + 5 > source.length) return start;
  return Math.min(start + source.readInt32LE(start), source.length) - 1;
}

/** Offset of the NUL, or -1; names are short, and a call into native code costs more than a loop. */
function endOfName(source: Buffer, start: number, limit: number): number {
  for (let at = start; at < limit; at++) if (source[at] === 0) return at;
  return -1;
}

/** Compared in JavaScript up to here. */
const shortBytes = 48;

function sameBytes(a: Buffer, aStart: number, aEnd: number, b: Buffer, bStart: number, bEnd: number): boolean {
  const length = aEnd - aStart;
  if (length !== bEnd - bStart) return false;
  if (length > shortBytes) return a.compare(b, bStart, bEnd, aStart, aEnd) === 0;
  for (let at = 0; at < length; at++) if (a[aStart + at] !== b[bStart + at]) return false;
  return true;
}

function sameElement(a: RawElement | undefined, b: RawElement | undefined): boolean {
  if (!a || !b || a.type !== b.type) return false;
  return sameBytes(a.source, a.valueStart, a.end, b.source, b.valueStart, b.end);
}

function isTopId(element: RawElement, depth: number): boolean {
  return depth === 0 && latinName(element) === '_id';
}

function latinName({ source, nameStart, nameEnd }: RawElement): string {
  return source.toString('latin1', nameStart, nameEnd);
}

function keysOf(elements: readonly RawElement[]): string[] {
  const seen = new Map<string, number>();
  return elements.map((element) => {
    const name = latinName(element);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}\0${count}`;
  });
}
