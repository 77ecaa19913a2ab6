import { createHash } from 'node:crypto';

/** File names of dump folders are URL query-escaped; longer ones keep 208 bytes and a hash of the whole. */
const longestName = 238;
const keptOfLongName = 208;

/** The stem of a collection's files in a dump folder, as mongodump writes it. */
export function escapeCollectionName(collection: string): string {
  const escaped = [...Buffer.from(collection, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9\-_.~]/.test(character)) return character;
      return character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  if (escaped.length <= longestName) return escaped;
  const hash = createHash('sha1').update(collection, 'utf8').digest('base64url');
  return `${escaped.slice(0, keptOfLongName)}%24${hash}`;
}

/** True for stems that were cut: the real name is only in the metadata. */
export function isCutName(stem: string): boolean {
  return stem.length === longestName && stem.startsWith('%24', keptOfLongName);
}

/** Stems of tools that did not escape, or that were cut in the middle of an escape, come back as they are. */
export function unescapeCollectionName(stem: string): string {
  try {
    return decodeURIComponent(stem.replaceAll('+', ' '));
  } catch {
    return stem;
  }
}

export type DumpFileKind = 'documents' | 'metadata' | 'prelude' | 'other';

export interface DumpFileName {
  kind: DumpFileKind;
  /** Escaped collection name; empty for prelude and other files. */
  stem: string;
  gzip: boolean;
}

/** What a file in a dump folder is, by its name. */
export function parseDumpFileName(name: string): DumpFileName {
  const gzip = name.endsWith('.gz');
  const plain = gzip ? name.slice(0, -3) : name;
  if (plain === 'prelude.json') return { kind: 'prelude', stem: '', gzip };
  if (plain.endsWith('.metadata.json')) return { kind: 'metadata', stem: plain.slice(0, -14), gzip };
  if (plain.endsWith('.bson')) return { kind: 'documents', stem: plain.slice(0, -5), gzip };
  return { kind: 'other', stem: '', gzip };
}
