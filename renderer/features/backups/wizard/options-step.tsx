import { NumberInput, Select, SimpleGrid, Stack, Switch, Textarea } from '@mantine/core';
import { backupCategories, backupRequestSchema, categoryObjectives } from '../../../../shared/backups';
import { formatBytes } from '../../../../shared/format';
import type { Settings } from '../../../../shared/settings';
import { useRequest } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { objectiveText } from '../../../components/objective-text';
import { Section } from '../../../components/page';
import { useBackupWizard } from './wizard-store';

const readPreferences = backupRequestSchema.shape.readPreference.options;

const oplogChoices = [
  { value: 'auto', label: 'Where the deployment allows it' },
  { value: 'yes', label: 'Always (fails where it is not possible)' },
  { value: 'no', label: 'No' },
] as const;

export function OptionsStep({ settings }: { settings: Settings }) {
  const { draft, change } = useBackupWizard();
  const stores = useRequest('stores.list', undefined);
  const storeId = draft.storeId ?? settings.defaultStoreId;
  const storePath = settings.stores.find(({ id }) => id === storeId)?.path;
  const objectives = categoryObjectives[draft.category];
  return (
    <Stack gap={16} maw={960}>
      {stores.error ? <ErrorPanel error={stores.error} onRetry={stores.reload} /> : null}
      <Section title="Consistency and load">
        <SimpleGrid cols={2} spacing={16} verticalSpacing={12}>
          <Select
            label="Oplog"
            description={
              draft.scopeKind === 'deployment'
                ? 'Included, the backup is a snapshot of one moment'
                : 'Only for the whole deployment'
            }
            disabled={draft.scopeKind !== 'deployment'}
            value={draft.scopeKind === 'deployment' ? draft.oplog : 'no'}
            data={oplogChoices.map(({ value, label }) => ({ value, label }))}
            onChange={(value) => {
              const choice = oplogChoices.find((known) => known.value === value);
              if (choice) change({ oplog: choice.value });
            }}
          />
          <Select
            label="Read from"
            description="A secondary keeps the load away from the primary"
            value={draft.readPreference}
            data={[...readPreferences]}
            onChange={(value) => {
              const choice = readPreferences.find((known) => known === value);
              if (choice) change({ readPreference: choice });
            }}
          />
          <NumberInput
            label="Collections at the same time"
            description="More is faster and loads the server more"
            min={1}
            max={16}
            clampBehavior="strict"
            value={draft.parallelCollections ?? settings.parallelCollections}
            onChange={(value) => (typeof value === 'number' ? change({ parallelCollections: value }) : undefined)}
          />
          <NumberInput
            label="Compression level"
            description="1 fast, 9 small"
            min={1}
            max={9}
            clampBehavior="strict"
            value={draft.compressionLevel ?? settings.compressionLevel}
            onChange={(value) => (typeof value === 'number' ? change({ compressionLevel: value }) : undefined)}
          />
          <Switch
            label="Digest"
            description="Two hashes a document: later previews need not read the archive"
            checked={draft.digest}
            onChange={(event) => change({ digest: event.currentTarget.checked })}
          />
          <Switch
            label="Users and roles of the databases"
            description={
              draft.scopeKind === 'databases'
                ? 'Those defined in the chosen databases'
                : draft.scopeKind === 'deployment'
                  ? 'Always part of a whole deployment'
                  : 'Only for whole databases'
            }
            disabled={draft.scopeKind !== 'databases'}
            checked={draft.usersAndRoles}
            onChange={(event) => change({ usersAndRoles: event.currentTarget.checked })}
          />
        </SimpleGrid>
      </Section>
      <Section title="Where, and how it is kept">
        <SimpleGrid cols={2} spacing={16} verticalSpacing={12}>
          <Select
            label="Store"
            description={
              <span className="wrap-anywhere">{storePath ?? 'A folder on this computer or a mounted share'}</span>
            }
            value={storeId}
            onChange={(storeId) => change({ storeId })}
            data={
              stores.data
                ?.filter(({ temporary }) => !temporary)
                .map(({ id, name, freeBytes, available, writable }) => ({
                  value: id,
                  label: freeBytes === null ? name : `${name} (${formatBytes(freeBytes)} free)`,
                  disabled: !available || !writable,
                })) ?? []
            }
          />
          <Select
            label="Category"
            description={`RPO ${objectiveText(objectives.rpoMinutes)}, RTO ${objectiveText(objectives.rtoMinutes)}`}
            value={draft.category}
            data={[...backupCategories]}
            onChange={(value) => {
              const category = backupCategories.find((known) => known === value);
              if (category) change({ category });
            }}
          />
          <Textarea
            label="Note"
            placeholder="Before the migration of 20 November"
            maxLength={500}
            value={draft.note}
            onChange={(event) => change({ note: event.currentTarget.value })}
          />
          <Switch
            mt={24}
            label="Pin"
            description="Never pruned; deleting it asks for its id"
            checked={draft.pinned}
            onChange={(event) => change({ pinned: event.currentTarget.checked })}
          />
        </SimpleGrid>
      </Section>
    </Stack>
  );
}
