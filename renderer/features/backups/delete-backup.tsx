import { Text } from '@mantine/core';
import type { CatalogueEntry } from '../../../shared/backups';
import { formatBytes } from '../../../shared/format';
import { api, useAction } from '../../api';
import { ConfirmTyped } from '../../components/confirm-typed';
import { goTo, paths } from '../../navigation';
import { protects, useCatalogue } from '../../state/catalogue';

interface DeleteBackupProps {
  entry: CatalogueEntry;
  opened: boolean;
  onClose: () => void;
}

/** Whether no other verified backup of the same source would be left. */
function isLastVerified(entry: CatalogueEntry, entries: readonly CatalogueEntry[]): boolean {
  return (
    protects(entry) &&
    !entries.some((other) => other.id !== entry.id && other.sourceName === entry.sourceName && protects(other))
  );
}

/** Asks before a backup is deleted; for its id where it is pinned or the last good one of its source. */
export function DeleteBackup({ entry, opened, onClose }: DeleteBackupProps) {
  const entries = useCatalogue((state) => state.entries);
  const last = isLastVerified(entry, entries ?? []);
  const remove = useAction(async (typedId: string | null) => {
    await api('backups.delete', { id: entry.id, typedId });
    await useCatalogue.getState().load();
    goTo(paths.backups);
  });
  return (
    <ConfirmTyped
      opened={opened}
      onClose={onClose}
      title="Delete this backup?"
      expected={entry.pinned || last ? entry.id : null}
      expectedName="the backup's id"
      confirmLabel="Delete backup"
      busy={remove.busy}
      error={remove.error}
      onConfirm={(typed) => void remove.run(typed)}
    >
      <Text size="sm">
        Its archive, manifest and digest are removed from <code>{entry.path}</code>
        {entry.bytes === null ? '' : ` (${formatBytes(entry.bytes)})`}. This cannot be undone.
      </Text>
      {last ? (
        <Text size="sm" fw={600} mt={8}>
          It is the last verified backup of {entry.sourceName ?? 'its source'}.
        </Text>
      ) : null}
      {entry.pinned ? (
        <Text size="sm" fw={600} mt={8}>
          It is pinned.
        </Text>
      ) : null}
    </ConfirmTyped>
  );
}
