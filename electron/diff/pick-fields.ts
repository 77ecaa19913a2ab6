/** Single fields of a document put back, on raw BSON: what a pick of fields writes. */
import { fail } from '../../shared/result';
import type { RawElement } from './bson-reader';
import { bytesOf, documentOf, framedElements, isObject, nameKey, objectElement } from './merge-documents';

const arrayType = 0x04;

function keyOfName(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

function children(element: RawElement | undefined): RawElement[] | null {
  return element && isObject(element) ? framedElements(element.source, element.valueStart) : null;
}

function refuse(path: readonly string[], depth: number, why: string): never {
  const whole = path.slice(0, depth + 1).join('.');
  return fail(
    'usage',
    `The field ${path.join('.')} cannot be put back by itself: ${why}.`,
    `Pick ${whole} as a whole.`,
  );
}

/** Null: nothing changes. The name at `depth` is put back among the elements of that level. */
function pickLevel(
  backup: readonly RawElement[],
  target: readonly RawElement[],
  path: readonly string[],
  depth: number,
): Buffer | null {
  const key = keyOfName(path[depth] ?? '');
  for (let to = depth + 2; to <= path.length; to++) {
    const joined = path.slice(depth, to).join('.');
    if ([...backup, ...target].some((element) => nameKey(element) === keyOfName(joined))) {
      refuse(path, depth, `one field is named ${joined}, with the dot`);
    }
  }
  const wanted = backup.filter((element) => nameKey(element) === key);
  const found = target.filter((element) => nameKey(element) === key);
  if (depth === path.length - 1) return replaceAll(wanted, found, target);
  if (wanted.length > 1 || found.length > 1) refuse(path, depth, `${path[depth] ?? ''} stands there more than once`);
  const [there] = [...found];
  const [saved] = [...wanted];
  if (there?.type === arrayType || saved?.type === arrayType) {
    refuse(path, depth, `${path.slice(0, depth + 1).join('.')} is an array`);
  }
  const inBackup = children(saved);
  const inTarget = children(there);
  if (inBackup && there && !inTarget) {
    refuse(path, depth, `${path.slice(0, depth + 1).join('.')} is no sub-document in the target`);
  }
  if (!inBackup && !inTarget) return null;
  const inner = pickLevel(inBackup ?? [], inTarget ?? [], path, depth + 1);
  if (inner === null) return null;
  if (there) {
    return documentOf(target.map((element) => (element === there ? objectElement(there, inner) : bytesOf(element))));
  }
  return saved ? documentOf([...target.map(bytesOf), objectElement(saved, inner)]) : null;
}

function replaceAll(
  wanted: readonly RawElement[],
  found: readonly RawElement[],
  target: readonly RawElement[],
): Buffer | null {
  const same = wanted.length === found.length && wanted.every((element, at) => sameElement(element, found[at]));
  if (same) return null;
  const kept = target.flatMap((element) => {
    const at = found.indexOf(element);
    if (at < 0) return [bytesOf(element)];
    const replacement = wanted[at];
    return replacement ? [bytesOf(replacement)] : [];
  });
  return documentOf([...kept, ...wanted.slice(found.length).map(bytesOf)]);
}

function sameElement(a: RawElement, b: RawElement | undefined): boolean {
  return b !== undefined && bytesOf(a).equals(bytesOf(b));
}

/**
 * The target's document with the fields at `paths` as the backup has them: set, or removed where the backup lacks them.
 * Fields stay where they are, new ones come last in their sub-document. Returns `target` itself when nothing changes.
 * Throws 'usage' for a path that leads through an array, past a field whose one name reads like it, a repeated name or a value of the target that is no
 * sub-document, and ArchiveDamage on bytes that are no BSON.
 */
export function pickFields(backup: Buffer, target: Buffer, paths: readonly (readonly string[])[]): Buffer {
  let picked = target;
  for (const path of paths) {
    picked = pickLevel(framedElements(backup, 0), framedElements(picked, 0), path, 0) ?? picked;
  }
  return picked;
}
