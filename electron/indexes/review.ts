/** Judges the indexes of a database. Pure. */
import { formatBytes, formatCount } from '../../shared/format';
import type { IndexFinding, IndexReview, ReviewedCollection, ReviewedIndex, WatchedIndex } from '../../shared/indexes';
import { keptBecause, redundantTo } from './redundancy';
import type { AskedMember, CollectionFacts, RefusedReading } from './read-indexes';

export interface ReviewInput {
  collections: readonly CollectionFacts[];
  members: readonly AskedMember[];
  /** By namespace. */
  shardKeys: ReadonlyMap<string, readonly string[]>;
  expiry: ReadonlyMap<string, readonly string[]>;
  /** By namespace and name: `ns name`. */
  watched: ReadonlyMap<string, WatchedIndex>;
  now: number;
}

const dayMs = 86_400_000;
const manyIndexes = 10;
/** With that many, a collection that is mostly written is slowed by them. */
const someIndexes = 5;

export function review({
  collections,
  members,
  shardKeys,
  expiry,
  watched,
  now,
}: ReviewInput): Pick<IndexReview, 'collections' | 'findings' | 'members'> {
  const findings: IndexFinding[] = [];
  const silent = members.filter(({ problem }) => problem !== null);
  for (const { host, problem } of silent) {
    const message = `${host} did not answer, so what it uses is unknown: ${problem ?? ''}`;
    findings.push(
      finding(
        'member-silent',
        'warning',
        null,
        null,
        message,
        'Review again when every member is up, before anything is dropped.',
      ),
    );
  }
  findings.push(...permissionFindings(collections));
  const reviewed = collections.map((facts): ReviewedCollection => {
    const indexes = facts.indexes.map((index): ReviewedIndex => {
      const sinces = index.uses.map(({ since }) => Date.parse(since));
      const counted = members.filter(({ problem }) => problem === null).length;
      const complete = silent.length === 0 && index.uses.length >= counted && index.uses.length > 0;
      const using = index.uses.filter(({ operations }) => operations > 0).length;
      return {
        ...index,
        used:
          using === index.uses.length && using > 0
            ? 'everywhere'
            : using > 0
              ? 'somewhere'
              : complete
                ? 'nowhere'
                : 'unknown',
        observedDays: sinces.length === 0 ? null : Math.max(0, (now - Math.max(...sinces)) / dayMs),
        watched: watched.get(`${facts.ns} ${index.name}`) ?? null,
        keptBecause: keptBecause(index, shardKeys.get(facts.ns) ?? null),
      };
    });
    for (const index of indexes) findings.push(...indexFindings(index, indexes));
    findings.push(...collectionFindings(facts, expiry.get(facts.ns) ?? []));
    const per = (count: number | undefined): number | null =>
      facts.operations && count !== undefined ? count / Math.max(1, facts.operations.uptimeSeconds) : null;
    return {
      ns: facts.ns,
      type: facts.type,
      documents: facts.documents,
      dataBytes: facts.dataBytes,
      indexBytes: facts.indexBytes,
      readsPerSecond: per(facts.operations?.reads),
      writesPerSecond: per(facts.operations?.writes),
      indexes,
    };
  });
  const rank = ({ severity, bytes }: IndexFinding): number => (severity === 'warning' ? 1e18 : 0) + (bytes ?? 0);
  return { collections: reviewed, findings: findings.sort((a, b) => rank(b) - rank(a)), members: [...members] };
}

function finding(
  code: IndexFinding['code'],
  severity: IndexFinding['severity'],
  ns: string | null,
  index: string | null,
  message: string,
  hint: string | null,
  more: Partial<Pick<IndexFinding, 'servedBy' | 'suggestion' | 'bytes'>> = {},
): IndexFinding {
  return { code, severity, ns, index, message, hint, servedBy: null, suggestion: null, bytes: null, ...more };
}

const withoutPermission: readonly {
  refused: RefusedReading;
  severity: IndexFinding['severity'];
  words: string;
  role: string;
}[] = [
  {
    refused: 'listIndexes',
    severity: 'warning',
    words: 'may not list the indexes of WHICH: nothing is said about them.',
    role: 'read',
  },
  {
    refused: 'indexStats',
    severity: 'warning',
    words: 'may not read how often the indexes of WHICH are used: none of them is called unused.',
    role: 'clusterMonitor',
  },
  { refused: 'collStats', severity: 'info', words: 'may not read the sizes of WHICH.', role: 'read' },
];
const namedCollections = 3;

/** One for each action that lacks, however many collections it is about. */
function permissionFindings(collections: readonly CollectionFacts[]): IndexFinding[] {
  const stored = collections.filter(({ type }) => type !== 'view');
  return withoutPermission.flatMap(({ refused, severity, words, role }) => {
    const names = stored.filter((facts) => facts.refused.includes(refused)).map(({ ns }) => ns);
    if (names.length === 0) return [];
    const more = names.length - namedCollections;
    const some = [...names.slice(0, namedCollections), ...(more > 0 ? [`${formatCount(more)} more collections`] : [])];
    const which = names.length === stored.length ? 'any collection' : some.join(', ');
    const message = `The user of this connection ${words.replace('WHICH', which)}`;
    const hint = `Grant ${refused} on the database; the role ${role} holds it.`;
    return [finding('not-permitted', severity, null, null, message, hint)];
  });
}

function indexFindings(index: ReviewedIndex, all: readonly ReviewedIndex[]): IndexFinding[] {
  const { ns, name, keyText, bytes, options } = index;
  if (index.building) return [finding('building', 'info', ns, name, `${name} is being built.`, null)];
  if (options.hidden) {
    const { watched } = index;
    const message = watched
      ? `${name} is hidden since ${watched.hiddenAt.slice(0, 10)}${watched.readyToDrop ? ', and nothing became slower that is known' : ''}.`
      : `${name} is hidden: every write keeps it up to date, and no query uses it.`;
    const hint =
      watched?.readyToDrop === false ? 'Watch on; unhide it if something becomes slow.' : 'Drop it, or unhide it.';
    return [finding('hidden', 'info', ns, name, message, hint, { bytes })];
  }
  const found: IndexFinding[] = [];
  const other = index.keptBecause === null ? redundantTo(index, all) : null;
  if (other) {
    const keys = all.find(({ name: each }) => each === other.name)?.keyText ?? '';
    const message = `${name} ${keyText} is the beginning of ${other.name} ${keys}, which serves whatever it serves.`;
    found.push(
      finding('redundant', 'warning', ns, name, message, 'Hide it, watch, then drop it.', {
        servedBy: other.name,
        bytes,
      }),
    );
  }
  if (index.used === 'nowhere' && index.keptBecause === null) {
    const days = index.observedDays ?? 0;
    const long = days >= 7;
    const members = index.uses.length === 1 ? 'not used' : `used on none of ${index.uses.length} members`;
    const time =
      days >= 2
        ? `${Math.floor(days)} days`
        : days * 24 >= 2
          ? `${Math.floor(days * 24)} hours`
          : 'less than two hours';
    const message = `${name} ${keyText} was ${members} in ${time}, which is how long uses have been counted.`;
    const hint = long
      ? 'Hide it, watch, then drop it.'
      : 'That is short: reports at the end of a month may still need it.';
    found.push(finding('unused', long ? 'warning' : 'info', ns, name, message, hint, { bytes }));
  }
  return found;
}

function collectionFindings(facts: CollectionFacts, expiry: readonly string[]): IndexFinding[] {
  const { ns, indexes, operations, type } = facts;
  const found: IndexFinding[] = [];
  const expires = facts.expires || indexes.some(({ options }) => options.expireAfterSeconds !== undefined);
  if (type === 'collection' && !facts.capped && !expires) {
    for (const field of expiry) {
      const plain = indexes.find(
        ({ key, options }) => key.length === 1 && key[0]?.field === field && Object.keys(options).length === 0,
      );
      const message = `${ns} holds dates in ${field}, and nothing expires by them.`;
      const hint = plain
        ? `Make ${plain.name} an expiring index, if documents are to go at that date: since server 5.1 by collMod, before by building it anew.`
        : 'Build an expiring index, if documents are to go at that date.';
      const suggestion = {
        name: `${field}_1`,
        key: [{ field, direction: 1 as const }],
        options: { expireAfterSeconds: 0 },
      };
      found.push(
        finding('missing-ttl', 'info', ns, plain?.name ?? null, message, hint, {
          suggestion: plain ? null : suggestion,
        }),
      );
    }
  }
  const writes = operations ? operations.writes / Math.max(1, operations.uptimeSeconds) : 0;
  if (operations && indexes.length >= someIndexes && operations.writes > 2 * operations.reads && writes > 0.5) {
    const message = `${ns} is written ${writes.toFixed(1)} times a second and read ${(operations.reads / operations.uptimeSeconds).toFixed(1)} times, and every write keeps ${indexes.length} indexes up to date.`;
    found.push(
      finding('write-heavy', 'warning', ns, null, message, 'Look for indexes it can do without.', {
        bytes: facts.indexBytes,
      }),
    );
  } else if (indexes.length >= manyIndexes) {
    const size = facts.indexBytes === null ? '' : ` of ${formatBytes(facts.indexBytes)}`;
    const message = `${ns} has ${formatCount(indexes.length)} indexes${size}.`;
    found.push(
      finding('many-indexes', 'info', ns, null, message, 'Each makes every write slower and competes for memory.', {
        bytes: facts.indexBytes,
      }),
    );
  }
  return found;
}
