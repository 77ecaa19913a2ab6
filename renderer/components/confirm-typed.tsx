import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { AppError } from '../../shared/result';
import { ErrorPanel } from './error-panel';
import { TypedName } from './typed-name';

interface ConfirmTypedProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** What must be typed; null: a click suffices. */
  expected: string | null;
  /** What is typed, in words: "the backup's id". */
  expectedName: string;
  confirmLabel: string;
  busy: boolean;
  error: AppError | null;
  onConfirm: (typed: string | null) => void;
}

/** A question before something that cannot be taken back. */
export function ConfirmTyped({ opened, title, ...form }: ConfirmTypedProps) {
  return (
    <Modal opened={opened} onClose={form.onClose} title={title} size="lg">
      <ConfirmForm key={String(opened)} {...form} />
    </Modal>
  );
}

function ConfirmForm(props: Omit<ConfirmTypedProps, 'opened' | 'title'>) {
  const { onClose, children, expected, expectedName, confirmLabel, busy, error, onConfirm } = props;
  const [typed, setTyped] = useState('');
  const ready = expected === null || typed === expected;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !busy) onConfirm(expected === null ? null : typed);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        <div>{children}</div>
        {expected !== null ? (
          <TypedName name={expectedName} expected={expected} typed={typed} onChange={setTyped} focused />
        ) : null}
        {error ? <ErrorPanel error={error} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={!ready} loading={busy}>
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
