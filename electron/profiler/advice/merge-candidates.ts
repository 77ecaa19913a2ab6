/** Makes one index of several that begin alike. Pure. */
import type { IndexDefinition } from '../../../shared/indexes';
import type { Candidate, CandidateField } from './candidates';

/** Fields of equalities may stand in any order among themselves; of more than this the given order is kept. */
const mostPermuted = 5;

interface Group {
  collation: string | null;
  /** Orders of fields that serve every member. */
  orders: CandidateField[][];
}

/**
 * The fewest indexes that serve all candidates: one that is the beginning of another needs no index of its own. Among
 * orders that serve equally, one that extends an existing plain index is taken.
 */
export function mergeCandidates(candidates: readonly Candidate[], existing: readonly IndexDefinition[]): Candidate[] {
  const groups: Group[] = [];
  const longestFirst = [...candidates].sort((a, b) => b.fields.length - a.fields.length);
  for (const { fields, collation } of longestFirst) {
    const orders = ordersOf(fields);
    const group = groups.find((each) => {
      if (each.collation !== collation) return false;
      const shared = each.orders.filter((big) => orders.some((small) => beginsWith(big, small)));
      if (shared.length === 0) return false;
      each.orders = shared;
      return true;
    });
    if (!group) groups.push({ collation, orders });
  }
  return groups.map(({ collation, orders }) => ({ collation, fields: preferred(orders, existing) }));
}

/** Every order of the leading equalities, followed by the rest as it is; the given one first. */
export function ordersOf(fields: readonly CandidateField[]): CandidateField[][] {
  const split = fields.findIndex(({ role }) => role !== 'equality');
  const count = split < 0 ? fields.length : split;
  const rest = fields.slice(count);
  const leading = fields.slice(0, count);
  if (leading.length > mostPermuted) return [[...fields]];
  return permutations(leading).map((order) => [...order, ...rest]);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, position) => position !== index)).map((rest) => [item, ...rest]),
  );
}

/** `small` is served by the beginning of `big`, read forward or backward. */
function beginsWith(big: readonly CandidateField[], small: readonly CandidateField[]): boolean {
  let turn = 0;
  return small.every(({ field, direction, role }, index) => {
    const other = big[index];
    if (other?.field !== field) return false;
    if (role !== 'sort') return true;
    const own = other.direction === direction ? 1 : -1;
    if (turn !== 0 && own !== turn) return false;
    turn = own;
    return true;
  });
}

function preferred(orders: readonly CandidateField[][], existing: readonly IndexDefinition[]): CandidateField[] {
  const plain = existing.filter(({ name, options }) => name !== '_id_' && Object.keys(options).length === 0);
  const extended = (order: readonly CandidateField[]): number =>
    Math.max(
      0,
      ...plain.map(({ key }) =>
        key.every(
          ({ field, direction }, index) => order[index]?.field === field && order[index]?.direction === direction,
        )
          ? key.length
          : 0,
      ),
    );
  return orders.reduce<CandidateField[]>(
    (best, order) => (best.length === 0 || extended(order) > extended(best) ? order : best),
    [],
  );
}
