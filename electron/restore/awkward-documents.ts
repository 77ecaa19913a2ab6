import { childrenOf, elementsOf, forEachElement, type RawElement } from '../diff/bson-reader';

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
