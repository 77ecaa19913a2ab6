import { ActionIcon, Autocomplete, Button, Group, Stack, TextInput } from '@mantine/core';
import { IconArrowRight, IconPlus, IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { ManifestNamespace } from '../../../shared/backups';
import type { Rename } from '../../../shared/restore';

interface RenameFieldsProps {
  namespaces: readonly ManifestNamespace[];
  renames: readonly Rename[];
  onChange: (renames: Rename[]) => void;
}

/** Databases or namespaces that go to another name. */
export function RenameFields({ namespaces, renames, onChange }: RenameFieldsProps) {
  const names = useMemo(
    () => [
      ...new Set([
        ...namespaces.map(({ database }) => database),
        ...namespaces.map(({ database, collection }) => `${database}.${collection}`),
      ]),
    ],
    [namespaces],
  );
  const change = (index: number, patch: Partial<Rename>) =>
    onChange(renames.map((rename, position) => (position === index ? { ...rename, ...patch } : rename)));
  return (
    <Stack gap={8}>
      {renames.length === 0 ? <span className="dimmed">Restored under their own names.</span> : null}
      {renames.map((rename, index) => (
        <Group key={index} gap={8} wrap="nowrap">
          <Autocomplete
            size="xs"
            aria-label={`Name in the backup, ${index + 1}`}
            placeholder="shop or shop.orders"
            data={names}
            limit={20}
            value={rename.from}
            onChange={(from) => change(index, { from })}
            style={{ flex: 1 }}
          />
          <IconArrowRight size={14} aria-label="becomes" />
          <TextInput
            aria-label={`Name in the target, ${index + 1}`}
            placeholder="shop_check"
            value={rename.to}
            onChange={(event) => change(index, { to: event.currentTarget.value })}
            style={{ flex: 1 }}
          />
          <ActionIcon
            aria-label={`Remove the name ${index + 1}`}
            onClick={() => onChange(renames.filter((_rename, position) => position !== index))}
          >
            <IconX size={14} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange([...renames, { from: '', to: '' }])}
        >
          Add another name
        </Button>
      </Group>
    </Stack>
  );
}
