import { Button, Checkbox, Stack } from '@mantine/core';
import type { NamespaceDiff, RestoreMode } from '../../../../shared/diff';
import { formatQuantity } from '../../../../shared/format';
import { choosesMetadata, defaultMetadata, type MetadataChoice, type Preview } from '../../../../shared/restore';
import { Section } from '../../../components/page';
import { modeWords } from '../../../components/mode-words';
import { useRestore } from '../restore-store';

type Part = keyof MetadataChoice;

interface Choice {
  part: Part;
  label: string;
  /** What there is to do; null: nothing can be counted beforehand. */
  found: string | null;
  hint?: string;
}

const both = (namespaces: readonly NamespaceDiff[]) => namespaces.filter(({ status }) => status !== 'onlyInTarget');
const count = (namespaces: readonly NamespaceDiff[], of: 'add' | 'change' | 'remove') =>
  both(namespaces).reduce((sum, { indexes }) => sum + indexes[of].filter(({ name }) => name !== '_id_').length, 0);

function choicesOf(mode: RestoreMode, namespaces: readonly NamespaceDiff[]): Choice[] {
  const indexes = (found: number) => (found === 0 ? 'none' : formatQuantity(found, 'index', 'indexes'));
  const options = both(namespaces).filter(({ options: { same }, status }) => status === 'differs' && !same).length;
  const extra = namespaces.filter(({ status }) => status === 'onlyInTarget');
  const choices: Choice[] = [
    { part: 'missingIndexes', label: 'Build indexes that the target lacks', found: indexes(count(namespaces, 'add')) },
    {
      part: 'changedIndexes',
      label: 'Build changed indexes anew',
      found: indexes(count(namespaces, 'change')),
      hint: 'dropped first: queries go without them meanwhile',
    },
    {
      part: 'extraIndexes',
      label: 'Drop indexes that only the target has',
      found: indexes(count(namespaces, 'remove')),
    },
    {
      part: 'options',
      label: 'Change options: validators, expiry, views',
      found: options === 0 ? 'none' : formatQuantity(options, 'collection'),
    },
    {
      part: 'extraNamespaces',
      label: 'Drop collections and views that only the target has',
      found: extra.length === 0 ? 'none' : extra.map(({ targetNs }) => targetNs).join(', '),
    },
    {
      part: 'usersAndRoles',
      label: 'Add users and roles of the restored databases',
      found: null,
      hint: 'those that exist stay as they are; an undo does not take them away again',
    },
  ];
  // `pick` writes what is ticked, and a collection is never ticked.
  return choices.filter(({ part }) => mode !== 'pick' || part !== 'extraNamespaces');
}

/** Which indexes, options, users and roles come along; nothing where the mode restores whole collections. */
export function MetadataFields({ preview }: { preview: Preview }) {
  const { mode, metadata, setMetadata } = useRestore();
  if (preview.undoOf !== null) return null;
  const { name } = modeWords[mode];
  if (!choosesMetadata(mode)) {
    return (
      <Section title="Indexes, options, users">
        <span className="dimmed">
          {name} restores whole collections, with their own indexes and options. Users and roles stay as they are.
        </span>
      </Section>
    );
  }
  const byItself = defaultMetadata(mode);
  const chosen = metadata ?? byItself;
  return (
    <Section
      title="Indexes, options, users"
      aside={
        metadata === null ? (
          <span className="dimmed">as {name} does by itself</span>
        ) : (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setMetadata(null)}>
            As {name} does by itself
          </Button>
        )
      }
    >
      <Stack gap={8} role="group" aria-label="Indexes, options, users">
        {choicesOf(mode, preview.result.namespaces).map(({ part, label, found, hint }) => (
          <Checkbox
            key={part}
            checked={chosen[part]}
            onChange={(event) => setMetadata({ ...chosen, [part]: event.currentTarget.checked })}
            label={
              <>
                {label}
                {found === null ? null : <span className={found === 'none' ? 'dimmed' : ''}>: {found}</span>}
                {hint === undefined || found === 'none' ? null : <span className="dimmed"> ({hint})</span>}
              </>
            }
          />
        ))}
      </Stack>
    </Section>
  );
}
