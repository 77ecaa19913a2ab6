/** Ids of shapes: short, stable across sources, runs and versions of Lifeboat. */
import { createHash } from 'node:crypto';
import type { OperationKind } from '../../../shared/profiler';

/** Texts whose ids are remembered; an id costs more than everything else about an operation. */
const remembered = 20_000;
let known = new Map<string, string>();

/**
 * The first 16 hexadecimal digits of SHA-256 over the kind, the namespace and the canonical text, a NUL between each, in
 * UTF-8.
 */
export function shapeId(kind: OperationKind, ns: string, text: string): string {
  const key = `${kind}\0${ns}\0${text}`;
  let id = known.get(key);
  if (id === undefined) {
    id = createHash('sha256').update(key).digest('hex').slice(0, 16);
    if (known.size >= remembered) known = new Map();
    known.set(key, id);
  }
  return id;
}
