/** A plan file against what exists: what would be done, in which order. Pure. */
import { createHash } from 'node:crypto';
import { EJSON, type Document } from 'bson';
import { indexPlanSchema, type IndexDefinition, type IndexPlan, type PlanStep } from '../../shared/indexes';
import { fail } from '../../shared/result';
import {
  createCommand,
  defaultName,
  definitionOf,
  definitionText,
  isClustered,
  keyTextOf,
  specificationOf,
} from './index-definition';
import type { CollectionFacts } from './read-indexes';
import { optionsText } from './shell-options';

/** Throws 'usage' saying where the text is no plan. */
export function parsePlan(text: string): IndexPlan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    fail(
      'usage',
      `The plan is no JSON: ${error instanceof Error ? error.message : ''}`,
      'See the example in the help.',
    );
  }
  const parsed = indexPlanSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.map(String).join('.') ?? '';
    fail(
      'usage',
      `The plan is not understood${place ? ` at ${place}` : ''}: ${issue?.message ?? ''}.`,
      'It begins {"kind": "lifeboat-index-plan", "formatVersion": 1, "database": …}.',
    );
  }
  return parsed.data;
}

function plannedDefinition(planned: IndexPlan['collections'][number]['indexes'][number]): IndexDefinition {
  const { key: given, name, ...options } = planned;
  const pairs = Array.isArray(given) ? given : Object.entries(given);
  if (pairs.length === 0) fail('usage', 'The plan holds an index without fields.');
  const key = Object.fromEntries(pairs) as Document;
  let specification: Document;
  try {
    specification = { ...(EJSON.parse(JSON.stringify(options), { relaxed: false }) as Document), key };
  } catch {
    return fail('usage', `The options of ${JSON.stringify(given)} are no Extended JSON.`);
  }
  const definition = definitionOf({ ...specification, name: name ?? '' });
  return { ...definition, name: name ?? defaultName(definition.key) };
}

const orderOfActions: readonly PlanStep['action'][] = [
  'create',
  'unhide',
  'set-expiry',
  'hide',
  'drop',
  'keep',
  'conflict',
];

/** What is built comes first and what is dropped last, so that no query is without its index in between. */
export function planSteps(plan: IndexPlan, collections: readonly CollectionFacts[]): PlanStep[] {
  const steps = plan.collections.flatMap((planned) => {
    const ns = `${plan.database}.${planned.collection}`;
    return stepsOf(
      ns,
      planned,
      collections.find((facts) => facts.ns === ns),
    );
  });
  return steps.sort((a, b) => orderOfActions.indexOf(a.action) - orderOfActions.indexOf(b.action));
}

function stepsOf(
  ns: string,
  planned: IndexPlan['collections'][number],
  facts: CollectionFacts | undefined,
): PlanStep[] {
  const existing = facts?.indexes ?? [];
  const documents = facts?.documents ?? null;
  const met = new Set<string>();
  const step = (
    action: PlanStep['action'],
    wanted: IndexDefinition | null,
    there: IndexDefinition | null,
    note: string | null,
  ): PlanStep => {
    const shown = wanted ?? there;
    return {
      action,
      ns,
      name: there?.name ?? wanted?.name ?? '',
      keyText: keyTextOf(shown?.key ?? []),
      planned: wanted,
      existing: there,
      note,
      documents,
      bytes: existing.find(({ name }) => name === there?.name)?.bytes ?? null,
      shellCommand: shellCommand(action, ns, wanted, there),
    };
  };
  const steps: PlanStep[] = [];
  for (const wanted of planned.indexes.map(plannedDefinition)) {
    const same = existing.find((each) => definitionText(each) === definitionText(wanted));
    const sameKey = existing.find((each) => differsInExpiryAlone(each, wanted));
    const sameName = existing.find(({ name }) => name === wanted.name);
    if (same) {
      met.add(same.name);
      const hidden = same.options.hidden === true;
      const wantsHidden = wanted.options.hidden === true;
      const note = same.name === wanted.name ? null : `It is there as ${same.name}.`;
      steps.push(step(hidden === wantsHidden ? 'keep' : wantsHidden ? 'hide' : 'unhide', wanted, same, note));
    } else if (sameKey) {
      met.add(sameKey.name);
      const from = sameKey.options.expireAfterSeconds ?? 0;
      steps.push(
        step(
          'set-expiry',
          wanted,
          sameKey,
          `Documents expire after ${wanted.options.expireAfterSeconds ?? 0} s instead of ${from} s: with a shorter time they go at once.`,
        ),
      );
    } else if (sameName) {
      met.add(sameName.name);
      steps.push(
        step(
          'conflict',
          wanted,
          sameName,
          `${sameName.name} exists with other fields or options: drop it by a plan of its own, or give this one another name.`,
        ),
      );
    } else if (facts?.type === 'view') steps.push(step('conflict', wanted, null, 'A view has no indexes.'));
    else
      steps.push(
        step('create', wanted, null, facts ? null : 'The collection does not exist: it is made with the index.'),
      );
  }
  const leaving = existing.filter(
    (index) =>
      index.name !== '_id_' &&
      !isClustered(index) &&
      !met.has(index.name) &&
      (planned.exact || planned.drop.includes(index.name)),
  );
  steps.push(
    ...leaving.map((index) =>
      step('drop', null, index, index.options.unique ? 'It keeps values unique: nothing will from then on.' : null),
    ),
  );
  for (const name of planned.drop) {
    if (met.has(name))
      steps.push(
        step(
          'conflict',
          null,
          existing.find((each) => each.name === name) ?? null,
          'The plan both wants it and drops it.',
        ),
      );
    else if (!existing.some((each) => each.name === name))
      steps.push({ ...step('keep', null, null, 'It is not there: nothing to drop.'), name });
    else if (name === '_id_')
      steps.push(
        step(
          'conflict',
          null,
          existing.find((each) => each.name === name) ?? null,
          'The index on _id cannot be dropped.',
        ),
      );
  }
  return steps;
}

function differsInExpiryAlone(a: IndexDefinition, b: IndexDefinition): boolean {
  if (a.options.expireAfterSeconds === undefined || b.options.expireAfterSeconds === undefined) return false;
  const without = (index: IndexDefinition): string =>
    definitionText({ ...index, options: { ...index.options, expireAfterSeconds: 0 } });
  return without(a) === without(b);
}

function shellCommand(
  action: PlanStep['action'],
  ns: string,
  wanted: IndexDefinition | null,
  there: IndexDefinition | null,
): string | null {
  const dot = ns.indexOf('.');
  const database = `db.getSiblingDB(${JSON.stringify(ns.slice(0, dot))})`;
  const collection = JSON.stringify(ns.slice(dot + 1));
  const name = JSON.stringify(there?.name ?? wanted?.name ?? '');
  switch (action) {
    case 'create':
      return wanted ? createCommand(ns, wanted, optionsText(wanted)) : null;
    case 'drop':
      return `${database}.getCollection(${collection}).dropIndex(${name})`;
    case 'hide':
      return `${database}.getCollection(${collection}).hideIndex(${name})`;
    case 'unhide':
      return `${database}.getCollection(${collection}).unhideIndex(${name})`;
    case 'set-expiry':
      return `${database}.runCommand({ collMod: ${collection}, index: { name: ${name}, expireAfterSeconds: ${wanted?.options.expireAfterSeconds ?? 0} } })`;
    default:
      return null;
  }
}

/** Equal for equal steps. */
export function fingerprintOf(steps: readonly PlanStep[]): string {
  const told = steps.map(({ action, ns, name, planned, existing }) => [
    action,
    ns,
    name,
    planned && definitionText(planned),
    existing && definitionText(existing),
  ]);
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 32);
}

/** A plan that says what exists: to be edited, or kept as what should be. */
export function planOf(database: string, collections: readonly CollectionFacts[]): string {
  const listed = collections
    .filter(({ type }) => type !== 'view')
    .map(({ collection, indexes }) => ({
      collection,
      indexes: indexes
        .filter(({ name }) => name !== '_id_')
        .map((index) => {
          const { key: _key, name, ...options } = specificationOf(index);
          const numeric = index.key.some(({ field }) => /^\d+$/.test(field));
          const pairs = index.key.map(({ field, direction }) => [field, direction] as const);
          return {
            name: String(name),
            key: numeric ? pairs : Object.fromEntries(pairs),
            ...(EJSON.serialize(options, { relaxed: true }) as object),
          };
        }),
    }));
  return `${JSON.stringify({ kind: 'lifeboat-index-plan', formatVersion: 1, database, collections: listed }, null, 2)}\n`;
}
