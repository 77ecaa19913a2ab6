import { childrenOf, elementsOf, forEachElement, nameOf, type RawElement } from '../../diff/bson-reader';

/**
 * Why a plain write would not store a document as it is: names that begin with a dollar make a replacement an update
 * expression, and servers put the time into empty top-level timestamps. Null: a plain write will do.
 */
export function needsPipeline(document: Buffer): 'dollar-name' | 'empty-timestamp' | null {
  let found: 'dollar-name' | 'empty-timestamp' | null = null;
  forEachElement(document, 0, ({ source, type, nameStart, valueStart }) => {
    if (type === 0x11 && source.readBigUInt64LE(valueStart) === 0n) {
      found = 'empty-timestamp';
      return false;
    }
    if (source[nameStart] === 0x24) found ??= 'dollar-name';
    return true;
  });
  return found;
}

function repeatsName(elements: readonly RawElement[]): boolean {
  const names = new Set(elements.map((element) => nameOf(element)));
  return names.size < elements.length || elements.some((element) => repeatsName(childrenOf(element)));
}

/**
 * True where an update through a pipeline would end the server itself: to log it, servers note each changed name of a
 * level once and abort on the second (seen in 6.0). Such a document is taken away and put back instead.
 */
export function endsServer(live: Buffer, after: Buffer): boolean {
  return needsPipeline(after) !== null && (repeatsName(elementsOf(live)) || repeatsName(elementsOf(after)));
}

/** Two empty timestamps of one name: servers fill them in on the way, and no update can empty them again. */
export function cannotBeStored(document: Buffer): boolean {
  const empty = elementsOf(document).filter(
    ({ source, type, valueStart }) => type === 0x11 && source.readBigUInt64LE(valueStart) === 0n,
  );
  return new Set(empty.map((element) => nameOf(element))).size < empty.length;
}

/** Levels of nesting, at most `limit`. */
export function bsonDepth(document: Buffer, limit: number): number {
  let level: RawElement[] = elementsOf(document);
  let depth = 1;
  while (depth < limit) {
    level = level.flatMap((element) => childrenOf(element));
    if (level.length === 0) break;
    depth++;
  }
  return depth;
}
