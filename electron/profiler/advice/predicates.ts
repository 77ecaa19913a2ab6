/** What a filter asks of which path, as far as an index could serve it. Pure. */
import { BSONRegExp, EJSON, type Document } from 'bson';
import type { AdviceWarning } from '../../../shared/advice';

/**
 * `equality` and `list` bound an index to single values, `range` and `prefix` (a regular expression with an anchor) to a
 * stretch; `missing` is an equality with null or absence. `scan` can be checked on keys but bounds nothing, `negation`
 * bounds next to nothing.
 */
export type PredicateKind = 'equality' | 'missing' | 'list' | 'range' | 'prefix' | 'exists' | 'scan' | 'negation';

export interface Predicate {
  path: string;
  kind: PredicateKind;
  /** The condition by itself, a filter. */
  condition: Document;
  /** Canonical text of `condition`: equal for equal conditions. */
  key: string;
  /** Of a list. */
  values: number;
  /** A range with both ends. */
  closed: boolean;
  /** Strings are compared, so a collation matters. */
  comparesStrings: boolean;
}

export interface FilterModel {
  /** All must hold. */
  predicates: Predicate[];
  /** Clauses of each `$or` at the top; a clause is a filter of its own. */
  alternatives: FilterModel[][];
  warnings: AdviceWarning[];
  /** Text and geometry: served by indexes of their own kind. */
  special: 'text' | 'geo' | null;
}

const special = {
  $text: 'text',
  $geoWithin: 'geo',
  $geoIntersects: 'geo',
  $near: 'geo',
  $nearSphere: 'geo',
  $within: 'geo',
} as const;

const mostDeep = 50;

export function filterModel(filter: unknown): FilterModel {
  const model: FilterModel = { predicates: [], alternatives: [], warnings: [], special: null };
  if (isPlain(filter)) collect(filter, '', model, 0);
  model.predicates = joinRanges(model.predicates);
  return model;
}

/** A document of the filter's own structure, no value such as an ObjectId. */
export function isPlain(value: unknown): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    (value as { _bsontype?: unknown })._bsontype === undefined &&
    !(value instanceof Date) &&
    !(value instanceof RegExp)
  );
}

function collect(filter: Document, prefix: string, model: FilterModel, depth: number): void {
  if (depth > mostDeep) return;
  for (const name of Object.keys(filter)) {
    const value: unknown = filter[name];
    if (name === '$and' && Array.isArray(value)) {
      for (const member of value) if (isPlain(member)) collect(member, prefix, model, depth + 1);
    } else if (name === '$or' && Array.isArray(value)) {
      const clauses = value.filter(isPlain);
      if (clauses.length === 1 && clauses[0]) collect(clauses[0], prefix, model, depth + 1);
      else if (prefix === '') model.alternatives.push(clauses.map(filterModel));
    } else if (name.startsWith('$') && !/^\$(ref|id|db)$/.test(name)) topLevel(name, value, model);
    else pathCondition(`${prefix}${name}`, value, model, depth);
  }
}

function warning(
  code: AdviceWarning['code'],
  message: string,
  hint: string | null,
  field: string | null,
): AdviceWarning {
  return { code, severity: 'warning', message, hint, field };
}

function topLevel(name: string, value: unknown, model: FilterModel): void {
  switch (name) {
    case '$expr':
      if (!simpleExpression(value, model)) {
        const message = '$expr compares fields or computes: indexes serve only plain comparisons with a constant.';
        model.warnings.push(
          warning('expression', message, 'Write the condition as an ordinary filter where possible.', null),
        );
      }
      return;
    case '$where':
      model.warnings.push(
        warning(
          'javascript',
          '$where runs JavaScript for every document: no index can serve it.',
          'Write it with query operators or $expr.',
          null,
        ),
      );
      return;
    case '$nor':
      model.warnings.push(
        warning(
          'negation',
          '$nor excludes: it leaves almost everything to be read.',
          'Ask for what is wanted instead.',
          null,
        ),
      );
      return;
    case '$text':
      model.special = 'text';
      return;
    default:
      return;
  }
}

const comparisons = { $eq: '$eq', $gt: '$gt', $gte: '$gte', $lt: '$lt', $lte: '$lte' } as const;
const mirrored = { $eq: '$eq', $gt: '$lt', $gte: '$lte', $lt: '$gt', $lte: '$gte' } as const;
type Comparison = keyof typeof comparisons;

/** `{ $eq: ['$a', 1] }`, also several of them in `$and`: what the server turns into a condition an index can serve. */
function simpleExpression(expression: unknown, model: FilterModel): boolean {
  if (!isPlain(expression)) return false;
  const [name] = Object.keys(expression);
  const operands: unknown = name === undefined ? undefined : expression[name];
  if (!Array.isArray(operands)) return false;
  if (name === '$and') return operands.map((each) => simpleExpression(each, model)).every(Boolean);
  if (name === undefined || !(name in comparisons) || operands.length !== 2) return false;
  const [left, right] = operands as [unknown, unknown];
  const isPath = (value: unknown): value is string => typeof value === 'string' && /^\$[^$]/.test(value);
  const isConstant = (value: unknown): boolean =>
    !Array.isArray(value) && (typeof value === 'string' ? !value.startsWith('$') : !isPlain(value));
  const operator = name as Comparison;
  if (isPath(left) && isConstant(right)) pathCondition(left.slice(1), { [operator]: right }, model, 0);
  else if (isPath(right) && isConstant(left)) pathCondition(right.slice(1), { [mirrored[operator]]: left }, model, 0);
  else return false;
  return true;
}

function pathCondition(path: string, value: unknown, model: FilterModel, depth: number): void {
  if (value instanceof BSONRegExp || value instanceof RegExp) {
    regex(path, value, model);
    return;
  }
  if (!isPlain(value) || !Object.keys(value)[0]?.startsWith('$') || '$ref' in value) {
    add(model, path, value === null ? 'missing' : 'equality', value);
    return;
  }
  const range: Document = {};
  for (const operator of Object.keys(value)) {
    const operand: unknown = value[operator];
    if (operator in special) model.special = 'geo';
    else if (operator === '$gt' || operator === '$gte' || operator === '$lt' || operator === '$lte')
      range[operator] = operand;
    else operatorCondition(path, operator, operand, value, model, depth);
  }
  if (Object.keys(range).length > 0) add(model, path, 'range', range);
}

function operatorCondition(
  path: string,
  operator: string,
  operand: unknown,
  whole: Document,
  model: FilterModel,
  depth: number,
): void {
  switch (operator) {
    case '$eq':
      pathCondition(path, isPlain(operand) ? { $in: [operand] } : operand, model, depth);
      return;
    case '$in':
      list(path, Array.isArray(operand) ? operand : [operand], model);
      return;
    case '$ne':
    case '$nin':
    case '$not':
      add(model, path, 'negation', { [operator]: operand });
      model.warnings.push(
        warning(
          'negation',
          `${operator} on ${path} excludes: it leaves almost everything to be read.`,
          'Ask for the wanted values with $in instead.',
          path,
        ),
      );
      return;
    case '$exists':
      add(model, path, operand === false || Number(operand) === 0 ? 'missing' : 'exists', { $exists: operand });
      return;
    case '$regex':
      regex(path, new BSONRegExp(patternOf(operand), optionsOf(operand, whole)), model);
      return;
    case '$elemMatch':
      if (!isPlain(operand)) return;
      if (Object.keys(operand)[0]?.startsWith('$') && !/^\$(and|or|nor)$/.test(Object.keys(operand)[0] ?? ''))
        pathCondition(path, operand, model, depth + 1);
      else collect(operand, `${path}.`, model, depth + 1);
      return;
    case '$all':
      if (Array.isArray(operand) && operand.length > 0) pathCondition(path, operand[0], model, depth + 1);
      return;
    case '$options':
    case '$maxDistance':
    case '$minDistance':
    case '$geometry':
    case '$comment':
      return;
    default:
      add(model, path, 'scan', { [operator]: operand });
  }
}

function patternOf(operand: unknown): string {
  if (operand instanceof BSONRegExp) return operand.pattern;
  return operand instanceof RegExp ? operand.source : String(operand);
}

function optionsOf(operand: unknown, whole: Document): string {
  const own = operand instanceof BSONRegExp ? operand.options : operand instanceof RegExp ? operand.flags : '';
  const given: unknown = whole['$options'];
  return [...new Set(`${own}${typeof given === 'string' ? given : ''}`)].sort().join('');
}

function list(path: string, values: unknown[], model: FilterModel): void {
  const expressions = values.filter((value) => value instanceof BSONRegExp || value instanceof RegExp);
  if (values.length === 1) {
    const [only] = values;
    if (expressions.length === 1) pathCondition(path, only, model, 0);
    else add(model, path, only === null ? 'missing' : 'equality', isPlain(only) ? { $in: values } : only);
    return;
  }
  if (expressions.some((each) => !isAnchored(each as BSONRegExp))) {
    add(model, path, 'scan', { $in: values });
    unanchored(path, model);
  } else add(model, path, 'list', { $in: values });
}

function isAnchored(expression: BSONRegExp | RegExp): boolean {
  const pattern = patternOf(expression);
  const options = expression instanceof BSONRegExp ? expression.options : expression.flags;
  if (options.includes('i') || (options.includes('m') && !pattern.startsWith('\\A'))) return false;
  // What may be left out or repeated right after the anchor bounds nothing, nor do alternatives.
  return /^(\^|\\A)(?![.[(*?\\|$])[^|]/.test(pattern) && !/^(\^|\\A).[*?{]/.test(pattern) && !pattern.includes('|');
}

function regex(path: string, expression: BSONRegExp | RegExp, model: FilterModel): void {
  if (isAnchored(expression)) {
    add(model, path, 'prefix', expression);
    return;
  }
  add(model, path, 'scan', expression);
  const options = expression instanceof BSONRegExp ? expression.options : expression.flags;
  if (options.includes('i')) {
    model.warnings.push(
      warning(
        'case-insensitive-regex',
        `The regular expression on ${path} ignores case: every key of an index would be read.`,
        'Ask for the exact text with a collation of strength 2, or keep a lower-case copy of the field.',
        path,
      ),
    );
  } else unanchored(path, model);
}

function unanchored(path: string, model: FilterModel): void {
  model.warnings.push(
    warning(
      'unanchored-regex',
      `The regular expression on ${path} does not begin at the start of the text: every key of an index would be read.`,
      'Begin it with ^ where the start is known, or use a text index for words.',
      path,
    ),
  );
}

function add(model: FilterModel, path: string, kind: PredicateKind, value: unknown): void {
  const condition: Document = { [path]: value };
  const many: unknown = kind === 'list' && isPlain(value) ? value['$in'] : null;
  model.predicates.push({
    path,
    kind,
    condition,
    key: EJSON.stringify(condition, { relaxed: false }),
    values: Array.isArray(many) ? many.length : 1,
    closed: kind === 'range' && isPlain(value) && Object.keys(value).length > 1,
    comparesStrings: holdsString(value),
  });
}

function holdsString(value: unknown): boolean {
  if (typeof value === 'string' || value instanceof BSONRegExp || value instanceof RegExp) return true;
  if (Array.isArray(value)) return value.some(holdsString);
  return isPlain(value) && Object.values(value).some(holdsString);
}

/** Two ranges of one path, as `$and` has them, are one. */
function joinRanges(predicates: readonly Predicate[]): Predicate[] {
  const joined: Predicate[] = [];
  for (const predicate of predicates) {
    const other = joined.findIndex(
      ({ path, kind }) => predicate.kind === 'range' && kind === 'range' && path === predicate.path,
    );
    const known = joined[other];
    if (!known) {
      joined.push(predicate);
      continue;
    }
    const condition: Document = {
      [predicate.path]: {
        ...(known.condition[predicate.path] as Document),
        ...(predicate.condition[predicate.path] as Document),
      },
    };
    joined[other] = { ...known, condition, key: EJSON.stringify(condition, { relaxed: false }), closed: true };
  }
  return joined;
}
