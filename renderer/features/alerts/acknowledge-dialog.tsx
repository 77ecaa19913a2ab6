import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { Incident } from '../../../shared/alerts';
import { api, useAction } from '../../api';
import { announce } from '../../components/announcer';
import { ErrorPanel } from '../../components/error-panel';
import { useAlerts } from '../../state/alerts';
import { useConnectionNames } from './connection-names';
import { incidentWords } from './incident-news';

const longestNote = 500;

interface AcknowledgeDialogProps {
  /** Null: closed. */
  incident: Incident | null;
  onClose: () => void;
}

/** Tells the others that somebody is at it. */
export function AcknowledgeDialog({ incident, onClose }: AcknowledgeDialogProps) {
  return (
    <Modal opened={incident !== null} onClose={onClose} title="Acknowledge this alert" size="lg">
      {incident ? <AcknowledgeForm key={incident.id} incident={incident} onClose={onClose} /> : null}
    </Modal>
  );
}

function AcknowledgeForm({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [note, setNote] = useState('');
  const nameOf = useConnectionNames();
  const acknowledge = useAction(async () => {
    await api('alerts.acknowledge', { incidentId: incident.id, note: note.trim() });
    await useAlerts.getState().load();
    announce(`${incident.name} is acknowledged`);
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!acknowledge.busy) void acknowledge.run();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        <div>
          <Text size="sm" fw={600}>
            {incident.name}
          </Text>
          <Text size="sm" className="wrap-anywhere">
            {incidentWords(incident, nameOf)}
          </Text>
        </div>
        <Text size="sm" c="dimmed">
          Everybody who looks sees that you took it on. It stays open until it is over; that is told as always.
        </Text>
        <Textarea
          label="Note"
          description="What you found or do about it; may stay empty"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={longestNote}
          autosize
          minRows={2}
          maxRows={6}
          data-autofocus
        />
        {acknowledge.error ? <ErrorPanel error={acknowledge.error} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={acknowledge.busy}>
            Acknowledge
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
