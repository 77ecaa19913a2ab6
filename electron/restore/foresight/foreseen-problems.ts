/** What was foreseen of documents, in words. */
import type { NamespaceDiff, Problem, RestoreMode } from '../../../shared/diff';
import { formatCount, formatQuantity } from '../../../shared/format';
import type { BuiltMode } from './built-index';
import type { NamespaceForesight, Refused } from './foresight-input';
import type { ForeseenMode } from './streams';

type Said = Pick<Problem, 'code' | 'severity' | 'message' | 'hint'>;
type Mode = ForeseenMode | BuiltMode;

/** A pick is at most an overwrite, until it is known what is picked. */
const modesOf: Readonly<Record<Mode, readonly RestoreMode[]>> = {
  'insert-missing': ['insert-missing'],
  overwrite: ['overwrite', 'pick'],
  merge: ['merge'],
  exact: ['exact'],
  whole: ['clone', 'drop'],
  pick: ['pick'],
};
/** All modes that keep the target's own validator. */
const validated: RestoreMode[] = ['insert-missing', 'overwrite', 'pick', 'merge'];
const inPlace: RestoreMode[] = [...validated, 'exact'];

/** One problem for modes that meet the same documents. */
function byModes(
  { ns, targetNs }: NamespaceDiff,
  refused: Partial<Record<Mode, Refused>>,
  when: Problem['when'],
  say: (total: number) => Said,
): Problem[] {
  const groups = new Map<string, { modes: RestoreMode[]; refused: Refused }>();
  for (const [mode, one] of Object.entries(refused) as [Mode, Refused][]) {
    const key = JSON.stringify(one);
    const group = groups.get(key) ?? { modes: [], refused: one };
    group.modes.push(...modesOf[mode]);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ modes, refused: { total, objects } }) => ({
    ...say(total),
    ns,
    modes,
    when,
    objects: objects.map(({ id, detail }) => ({ ns: targetNs, id, name: null, detail })),
    objectsTotal: total,
  }));
}

function unknown({ ns }: NamespaceDiff, said: Pick<Said, 'code' | 'message'>, modes: RestoreMode[] | null): Problem {
  return { ...said, severity: 'info', ns, hint: null, modes, when: null, objects: [], objectsTotal: 0 };
}

/** Said where not all documents were looked at. */
function limitOf({ checked, documents }: NamespaceForesight): string {
  return checked < documents ? ` (the first ${formatCount(checked)} of ${formatCount(documents)} were checked)` : '';
}

function ofValidator(diff: NamespaceDiff, foresight: NamespaceForesight): Problem[] {
  const { validator } = foresight;
  if (!validator) return [];
  const { targetNs } = diff;
  const say = (total: number): Said => ({
    code: 'validator-rejects',
    severity: validator.onlyWarns ? 'info' : 'warning',
    message: validator.onlyWarns
      ? `${formatQuantity(total, 'document')} would break the validator of ${targetNs}, which only logs it${limitOf(foresight)}.`
      : `The validator of ${targetNs} would reject ${formatQuantity(total, 'document')}${limitOf(foresight)}.`,
    hint: validator.onlyWarns ? null : 'Mode exact restores documents as they were saved.',
  });
  const found = byModes(diff, validator.refused, { part: 'options', chosen: false }, say);
  const left = validator.unchecked + foresight.documents - foresight.checked;
  if (left === 0 || (found.length > 0 && validator.unchecked === 0)) return found;
  const message = `The validator of ${targetNs} could not be asked about ${formatQuantity(left, 'document')}.`;
  return [...found, unknown(diff, { code: 'validator-rejects', message }, validated)];
}

const partOf = { changed: 'changedIndexes', extra: 'extraIndexes' } as const;

function ofExisting(diff: NamespaceDiff, foresight: NamespaceForesight): Problem[] {
  const { targetNs } = diff;
  return foresight.existing.flatMap(({ name, kind, refused, complete }) => {
    const say = (total: number): Said => ({
      code: 'unique-index-conflict',
      severity: 'warning',
      message: `The unique index ${name} of ${targetNs} would refuse ${formatQuantity(total, 'document')}${limitOf(foresight)}.`,
      hint: 'Those documents would be left out and listed as conflicts.',
    });
    const when = kind === 'same' ? null : { part: partOf[kind], chosen: false };
    const found = byModes(diff, refused, when, say);
    if (complete) return found;
    const message = `The target could not say in time which documents the unique index ${name} of ${targetNs} would refuse.`;
    return [...found, unknown(diff, { code: 'unique-index-conflict', message }, inPlace)];
  });
}

function ofBuilt(diff: NamespaceDiff, foresight: NamespaceForesight): Problem[] {
  const { targetNs, indexes } = diff;
  return foresight.built.flatMap(({ name, refused, complete }) => {
    const say = (total: number): Said => ({
      code: 'unique-index-conflict',
      severity: 'warning',
      message: `The unique index ${name} of ${targetNs} could not be built: ${formatQuantity(total, 'document')} would stand in its way.`,
      hint: 'The documents would be restored all the same, without that index.',
    });
    const isChange = indexes.change.some((change) => change.name === name);
    const isMissing = indexes.add.some((change) => change.name === name);
    const part = isChange ? 'changedIndexes' : 'missingIndexes';
    const when = isChange || isMissing ? ({ part, chosen: true } as const) : null;
    const found = byModes(diff, refused, when, say);
    if (complete) return found;
    const message = `Not all documents could be looked at that would stand in the way of building the unique index ${name} of ${targetNs}.`;
    return [...found, { ...unknown(diff, { code: 'unique-index-conflict', message }, null), when }];
  });
}

export function problemsForeseen(diff: NamespaceDiff, foresight: NamespaceForesight): Problem[] {
  return [...ofValidator(diff, foresight), ...ofExisting(diff, foresight), ...ofBuilt(diff, foresight)];
}
