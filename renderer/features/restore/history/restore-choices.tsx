import { Button, Select } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { RestoreSummary } from '../../../../shared/restore';
import { api, useAction } from '../../../api';
import { announce } from '../../../components/announcer';
import { ConfirmTyped } from '../../../components/confirm-typed';
import { Notice } from '../../../components/notice';
import { Section } from '../../../components/page';
import { Timestamp } from '../../../components/timestamp';
import { goTo, paths } from '../../../navigation';
import { useConnection, useConnections } from '../../../state/connections';
import { useRestores } from '../../../state/restores';
import { useRestore } from '../restore-store';
import styles from './history.module.css';
import { howFar } from '../../../components/restore-words';
import { usePreviewUndo } from './use-preview-undo';

/** Continue, undo or leave: each with what comes of it. */
export function RestoreChoices({ summary }: { summary: RestoreSummary }) {
  const { restoreId, target, undoId } = summary;
  const saved = useConnection(summary.connectionId);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const chosen = useConnection(chosenId);
  const connection = saved ?? chosen;
  const undo = usePreviewUndo();
  const [asking, setAsking] = useState<'continue' | 'leave' | null>(null);
  return (
    <Section title="What now?">
      {saved ? null : <AnotherConnection target={target} value={chosenId} onChange={setChosenId} />}
      <div className={styles.choices}>
        <Choice title="Continue" consequences={continueConsequences(summary)}>
          <Button disabled={connection === null} onClick={() => setAsking('continue')}>
            Continue the restore…
          </Button>
        </Choice>
        <Choice title="Undo" consequences={undoConsequences(summary)}>
          <Button
            variant="default"
            disabled={connection === null || undoId === null}
            loading={undo.busy}
            onClick={() => void undo.run(restoreId, connection?.id ?? null)}
          >
            Preview the undo
          </Button>
        </Choice>
        <Choice title="Leave" consequences={leaveConsequences(summary)}>
          {summary.state === 'interrupted' ? (
            <Button variant="default" onClick={() => setAsking('leave')}>
              Leave it as it is…
            </Button>
          ) : null}
        </Choice>
      </div>
      <ContinueQuestion
        summary={summary}
        connectionId={connection?.id ?? null}
        opened={asking === 'continue'}
        onClose={() => setAsking(null)}
      />
      <LeaveQuestion summary={summary} opened={asking === 'leave'} onClose={() => setAsking(null)} />
    </Section>
  );
}

interface ChoiceProps {
  title: string;
  consequences: readonly ReactNode[];
  children: ReactNode;
}

function Choice({ title, consequences, children }: ChoiceProps) {
  return (
    <div className={styles.choice}>
      <h3>{title}</h3>
      <ul className={styles.consequences}>
        {consequences.map((consequence, index) => (
          <li key={index}>{consequence}</li>
        ))}
      </ul>
      <div>{children}</div>
    </div>
  );
}

function continueConsequences({ mode, undoOf, undoId, undoDeclined }: RestoreSummary): ReactNode[] {
  const isWhole = undoOf === null && (mode === 'clone' || mode === 'drop');
  return [
    'The same preview is applied again, and proven at the end.',
    isWhole
      ? 'Collections that were made anew are not dropped again: what they lack is inserted.'
      : 'What is as in the backup already counts as done; the rest is written.',
    'What someone else wrote since the preview is left alone and listed as a conflict.',
    undoId === null
      ? undoDeclined
        ? 'It still cannot be undone: nothing was saved, by choice.'
        : 'It overwrites and deletes nothing, so there is nothing to undo.'
      : 'It can be undone afterwards: what was saved before its first write stays.',
  ];
}

function undoConsequences({ undoId, undoDeclined, undoUntil }: RestoreSummary): ReactNode[] {
  if (undoId === null) {
    return [
      undoDeclined
        ? 'Not possible: nothing was saved before it wrote, by choice.'
        : 'Not possible: nothing was saved to undo it with, or its time is over.',
    ];
  }
  return [
    'First you see what would be put back. Nothing is written by that.',
    'What was replaced or deleted comes back, what was inserted goes; what was not reached is as before already.',
    'What someone else wrote since is left alone and listed as a conflict.',
    <>
      Possible until <Timestamp value={undoUntil} />, and for as long as nothing is decided.
    </>,
  ];
}

function leaveConsequences(summary: RestoreSummary): ReactNode[] {
  const { state, undoId, undoUntil, target } = summary;
  if (state !== 'interrupted') {
    return ['It waits for nothing: do nothing, and everything stays as it is.'];
  }
  return [
    `Nothing is written: ${target} stays as the restore left it, half-way.`,
    'It cannot be continued any more.',
    undoId === null ? (
      'It cannot be undone either.'
    ) : (
      <>
        It can still be undone, until <Timestamp value={undoUntil} />.
      </>
    ),
  ];
}

interface AnotherConnectionProps {
  target: string;
  value: string | null;
  onChange: (id: string | null) => void;
}

/** The demo's connection ends with it, and saved ones may be removed. */
function AnotherConnection({ target, value, onChange }: AnotherConnectionProps) {
  const connections = useConnections((state) => state.connections) ?? [];
  return (
    <div style={{ marginBottom: 16 }}>
      <Notice kind="warning" title={`The connection ${target} is not among the saved ones any more`}>
        To continue or undo, choose a connection to the same deployment. Another one is refused before anything is
        written.
        <Select
          label="Connection to use"
          placeholder="Choose a connection"
          value={value}
          data={connections.map(({ id, name, environment }) => ({ value: id, label: `${name} (${environment})` }))}
          onChange={onChange}
          maw={360}
          mt={8}
        />
      </Notice>
    </div>
  );
}

interface QuestionProps {
  summary: RestoreSummary;
  opened: boolean;
  onClose: () => void;
}

function ContinueQuestion({ summary, connectionId, opened, onClose }: QuestionProps & { connectionId: string | null }) {
  const connection = useConnection(connectionId);
  const continueRestore = useRestore((state) => state.continueRestore);
  const action = useAction(async (typed: string | null) => {
    await continueRestore(summary.restoreId, connectionId, typed);
    goTo(paths.restore);
  });
  const close = () => {
    action.clear();
    onClose();
  };
  return (
    <ConfirmTyped
      opened={opened}
      onClose={close}
      title="Continue this restore?"
      expected={connection?.environment === 'production' ? connection.name : null}
      expectedName="the connection's name"
      confirmLabel="Continue the restore"
      busy={action.busy}
      error={action.error}
      onConfirm={(typed) => void action.run(typed)}
    >
      It goes on writing to {connection?.name ?? summary.target}. When it was cut off, {howFar(summary)}.
    </ConfirmTyped>
  );
}

function LeaveQuestion({ summary, opened, onClose }: QuestionProps) {
  const load = useRestores((state) => state.load);
  const action = useAction(async () => {
    await api('restore.leave', { restoreId: summary.restoreId });
    await load();
    announce(`${summary.target} is left as it is`);
    onClose();
  });
  const close = () => {
    action.clear();
    onClose();
  };
  return (
    <ConfirmTyped
      opened={opened}
      onClose={close}
      title={`Leave ${summary.target} as it is?`}
      expected={null}
      expectedName=""
      confirmLabel="Leave it as it is"
      busy={action.busy}
      error={action.error}
      onConfirm={() => void action.run()}
    >
      Nothing is written. The restore cannot be continued any more
      {summary.undoId === null ? ', nor undone.' : '; it can still be undone.'}
    </ConfirmTyped>
  );
}
