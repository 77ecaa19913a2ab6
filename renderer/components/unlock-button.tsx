import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { api, useAction } from '../api';
import { useConnection } from '../state/connections';

interface UnlockButtonProps {
  connectionId: string;
  onUnlocked?: (() => void) | undefined;
}

/** Asks for the password of a connection that keeps none. */
export function UnlockButton({ connectionId, onUnlocked }: UnlockButtonProps) {
  const connection = useConnection(connectionId);
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState('');
  const unlock = useAction(async () => {
    await api('connections.unlock', { id: connectionId, password });
    setPassword('');
    setOpen(false);
    onUnlocked?.();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void unlock.run();
  };
  return (
    <>
      <Button leftSection={<IconKey size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Enter password
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={`Password for ${connection?.name ?? 'this connection'}`}
      >
        <form onSubmit={submit}>
          <Stack gap={12}>
            <Text size="sm">Kept in memory until Lifeboat ends; it is not written anywhere.</Text>
            <PasswordInput
              label="Password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              data-autofocus
              error={unlock.error?.message}
            />
            <Group justify="flex-end" gap={8}>
              <Button variant="default" onClick={() => setOpen(false)}>
                Cancel
              </Button>
              <Button type="submit" loading={unlock.busy} disabled={password === ''}>
                Continue
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
