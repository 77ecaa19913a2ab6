/** What `--ids` and `--fields` of `restore apply` pick. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { formatQuantity } from '../../shared/format';
import type { Preview } from '../../shared/restore';
import { fail } from '../../shared/result';
import type { PickedDocuments } from '../../shared/picks';
import type { CommandContext } from './command-context';

export interface Picked {
  picks: PickedDocuments[];
  /** Lines of the file that pick nothing. */
  notPicked: { ns: string; _id: unknown; reason: string }[];
}

interface WantedDocument {
  id: string;
  /** As it differed when the line was written. */
  change: string | null;
}

/** Notes shown on a terminal; the answer lists all. */
const shownNotes = 20;

/**
 * Field paths as names: `a.b,c`, or a JSON array of names and lists of names where names hold dots or commas. Throws
 * 'usage'.
 */
export function parseFields(text: string): string[][] {
  const wrong = (): never =>
    fail('usage', `--fields cannot read "${text}".`, 'Like status,address.city or ["a.b", ["address", "city"]].');
  if (!text.trim().startsWith('[')) {
    const paths = text.split(',').map((path) => path.trim().split('.'));
    return paths.some((path) => path.includes('')) ? wrong() : paths;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return wrong();
  }
  if (!Array.isArray(parsed) || parsed.length === 0) return wrong();
  return parsed.map((path: unknown) => {
    const names: unknown = typeof path === 'string' ? [path] : path;
    const isPath = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
    return isPath ? (names as string[]) : wrong();
  });
}

/** A line of the file: an `_id` by itself, or an object with `ns`, `_id` and `change`. Throws 'usage'. */
function parseLine(line: string, number: number, onlyNamespace: string | null): WantedDocument & { ns: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    fail('usage', `Line ${number} of the file is no JSON.`, 'One _id a line as Extended JSON: "a1", 5, {"$oid":"…"}.');
  }
  if (typeof parsed === 'object' && parsed !== null && 'ns' in parsed && '_id' in parsed && 'change' in parsed) {
    const { ns, _id, change } = parsed;
    if (typeof ns === 'string' && typeof change === 'string') return { ns, id: JSON.stringify(_id), change };
  }
  if (onlyNamespace === null) {
    fail('usage', `Line ${number} of the file does not say which collection it means.`, 'Name one with --ns.');
  }
  return { ns: onlyNamespace, id: line, change: null };
}

async function readLines(file: string, onlyNamespace: string | null): Promise<Map<string, WantedDocument[]>> {
  const wanted = new Map<string, WantedDocument[]>();
  const input = createReadStream(file, 'utf8');
  const opened = new Promise<void>((resolve, reject) => input.once('open', () => resolve()).once('error', reject));
  await opened.catch(() => fail('usage', `The file ${file} cannot be read.`));
  let number = 0;
  for await (const raw of createInterface({ input, crlfDelay: Infinity })) {
    number++;
    const line = raw.replace(/^\uFEFF/, '').trim();
    if (line === '') continue;
    const { ns, id, change } = parseLine(line, number, onlyNamespace);
    const list = wanted.get(ns);
    if (list) list.push({ id, change });
    else wanted.set(ns, [{ id, change }]);
  }
  return wanted;
}

/** Throws 'usage' for a file or field list that cannot be read, 'not-found' for a namespace the preview does not hold. */
export async function readPicks(
  { services, output }: CommandContext,
  preview: Preview,
  options: { ids?: string; fields?: string },
): Promise<Picked> {
  if (options.ids === undefined && options.fields === undefined) return { picks: [], notPicked: [] };
  const paths = options.fields === undefined ? null : parseFields(options.fields);
  const collections = preview.result.namespaces.filter(({ type }) => type !== 'view');
  if (options.ids === undefined) return { picks: everyChanged(collections, paths ?? []), notPicked: [] };

  const onlyNamespace = collections.length === 1 ? (collections[0]?.ns ?? null) : null;
  const picked: Picked = { picks: [], notPicked: [] };
  for (const [ns, wanted] of await readLines(options.ids, onlyNamespace)) {
    const places = await services.restores.find({ previewId: preview.id, ns, ids: wanted.map(({ id }) => id) });
    const pick: PickedDocuments = { ns, changes: [], except: [], documents: [], fields: [] };
    wanted.forEach(({ id, change }, at) => {
      const place = places[at];
      const leave = (reason: string): void => void picked.notPicked.push({ ns, _id: JSON.parse(id), reason });
      if (place === undefined) leave('It is no Extended JSON.');
      else if (place === null) leave('It does not differ.');
      else if (change !== null && change !== place.change) leave(`It was ${change} and is ${place.change} now.`);
      else if (paths && place.change === 'changed') pick.fields.push({ document: place.position, paths });
      else pick.documents.push(place.position);
    });
    picked.picks.push(pick);
  }
  for (const { ns, _id, reason } of picked.notPicked.slice(0, shownNotes)) {
    output.note(`not picked: ${ns} ${JSON.stringify(_id)}: ${reason}`);
  }
  const more = picked.notPicked.length - shownNotes;
  if (more > 0) output.note(`not picked: ${formatQuantity(more, 'further document')}.`);
  return picked;
}

function everyChanged(collections: Preview['result']['namespaces'], paths: string[][]): PickedDocuments[] {
  return collections
    .filter(({ documents }) => documents.changed > 0)
    .map(({ ns, documents }) => ({
      ns,
      changes: [],
      except: [],
      documents: [],
      fields: Array.from({ length: documents.changed }, (_, at) => ({ document: documents.onlyInBackup + at, paths })),
    }));
}
