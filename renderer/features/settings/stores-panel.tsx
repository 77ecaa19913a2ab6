import { Button, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconFolderOpen, IconPlus } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { api, useAction, useRequest } from '../../api';
import { ConfirmTyped } from '../../components/confirm-typed';
import { ErrorPanel } from '../../components/error-panel';
import { Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import { Waiting } from '../../components/waiting';
import { formatBytes } from '../../../shared/format';
import type { StoreStatus } from '../../../shared/settings';
import { useApp } from '../../state/app-state';
import { useCatalogue } from '../../state/catalogue';

/** The folders that hold backups. */
export function StoresPanel() {
  const stores = useRequest('stores.list', undefined);
  const defaultStoreId = useApp(({ settings }) => settings?.defaultStoreId);
  const updateSettings = useApp((state) => state.updateSettings);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<StoreStatus | null>(null);
  const makeDefault = useAction(async (id: string) => updateSettings({ defaultStoreId: id }));
  const reload = () => {
    stores.reload();
    void useCatalogue.getState().load();
  };
  const remove = useAction(async () => {
    if (!removing) return;
    await api('stores.remove', { id: removing.id });
    setRemoving(null);
    reload();
  });
  const error = stores.error ?? makeDefault.error;
  return (
    <Stack gap={16}>
      {error ? <ErrorPanel error={error} onRetry={stores.reload} /> : null}
      <Section
        title="Stores"
        flush
        aside={
          <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setAdding(true)}>
            Add a store
          </Button>
        }
      >
        {stores.data ? (
          <Table aria-label="Stores" verticalSpacing={8} horizontalSpacing={16}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Name</Table.Th>
                <Table.Th scope="col">Folder</Table.Th>
                <Table.Th scope="col">State</Table.Th>
                <Table.Th scope="col" ta="right">
                  Free
                </Table.Th>
                <Table.Th scope="col">Change</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {stores.data.map((store) => (
                <Table.Tr key={store.id}>
                  <Table.Td>
                    {store.name}
                    <Text size="xs" c="dimmed">
                      {store.id === defaultStoreId ? 'default for new backups' : ''}
                      {store.temporary ? 'opened files, emptied when Lifeboat ends' : ''}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <code className="wrap-anywhere">{store.path}</code>
                  </Table.Td>
                  <Table.Td>
                    <StoreState store={store} />
                  </Table.Td>
                  <Table.Td ta="right" className="nowrap">
                    {store.freeBytes === null ? 'unknown' : formatBytes(store.freeBytes)}
                  </Table.Td>
                  <Table.Td>
                    {store.temporary ? null : (
                      <Group gap={8} wrap="nowrap">
                        <Button
                          variant="default"
                          disabled={store.id === defaultStoreId}
                          aria-label={`Make ${store.name} the default`}
                          onClick={() => void makeDefault.run(store.id)}
                        >
                          Make default
                        </Button>
                        <Button
                          variant="default"
                          disabled={store.id === defaultStoreId}
                          aria-label={`Remove ${store.name}`}
                          onClick={() => setRemoving(store)}
                        >
                          Remove…
                        </Button>
                      </Group>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        ) : stores.loading ? (
          <div style={{ padding: '0 16px' }}>
            <Waiting for="Looking at the stores" />
          </div>
        ) : null}
      </Section>
      <AddStore
        opened={adding}
        onClose={() => setAdding(false)}
        onAdded={() => {
          setAdding(false);
          reload();
        }}
      />
      <ConfirmTyped
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={`Remove the store ${removing?.name ?? ''}?`}
        expected={null}
        expectedName=""
        confirmLabel="Remove store"
        busy={remove.busy}
        error={remove.error}
        onConfirm={() => void remove.run()}
      >
        Lifeboat forgets the folder; its files stay where they are. Adding the folder again brings its backups back.
      </ConfirmTyped>
    </Stack>
  );
}

function StoreState({ store }: { store: StoreStatus }) {
  if (!store.available) return <StateMark state="bad">{store.problem ?? 'not available'}</StateMark>;
  if (!store.writable) return <StateMark state="warning">{store.problem ?? 'read-only'}</StateMark>;
  return store.problem ? (
    <StateMark state="warning">{store.problem}</StateMark>
  ) : (
    <StateMark state="good">available</StateMark>
  );
}

function AddStore({ opened, onClose, onAdded }: { opened: boolean; onClose: () => void; onAdded: () => void }) {
  const [name, setName] = useState('');
  const [path, setPath] = useState('');
  const choose = useAction(async () => {
    const folder = await api('dialogs.choose-folder', { title: 'Choose the folder of the store' });
    if (folder === null) return;
    setPath(folder);
    setName((before) => (before === '' ? (folder.split(/[\\/]/).filter(Boolean).pop() ?? '') : before));
  });
  const add = useAction(async () => {
    await api('stores.add', { name: name.trim(), path: path.trim() });
    setName('');
    setPath('');
    onAdded();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void add.run();
  };
  const error = add.error ?? choose.error;
  return (
    <Modal opened={opened} onClose={onClose} title="Add a store" size="lg">
      <form onSubmit={submit}>
        <Stack gap={12}>
          <Group gap={8} align="flex-end" wrap="nowrap">
            <TextInput
              label="Folder"
              description="On this computer or a mounted share"
              value={path}
              onChange={(event) => setPath(event.currentTarget.value)}
              required
              style={{ flex: 1 }}
              spellCheck={false}
              data-autofocus
            />
            <Button
              variant="default"
              leftSection={<IconFolderOpen size={14} aria-hidden />}
              onClick={() => void choose.run()}
            >
              Choose…
            </Button>
          </Group>
          <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} required />
          {error ? <ErrorPanel error={error} /> : null}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={add.busy} disabled={name.trim() === '' || path.trim() === ''}>
              Add store
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
