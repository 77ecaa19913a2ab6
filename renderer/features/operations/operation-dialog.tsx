import { Button, Group, Modal, Select, Stack } from '@mantine/core';
import { useEffect, useRef, useState, type ComponentType } from 'react';
import type { Connection } from '../../../shared/connections';
import type { OperationKind } from '../../../shared/operations';
import { ErrorPanel } from '../../components/error-panel';
import { Waiting } from '../../components/waiting';
import { useConnection } from '../../state/connections';
import { closeOperation, useOperations, type AskedOperation } from '../../state/operations';
import { PreviewView } from './flow/preview-view';
import { RunView } from './flow/run-view';
import { useOperationFlow, type OperationFlow } from './flow/use-operation-flow';
import { operationWords } from './operation-words';
import styles from './operations.module.css';
import { CompactForm } from './parameters/compact-form';
import { FreezeForm } from './parameters/freeze-form';
import { AddMemberForm, RemoveMemberForm, ReplaceMemberForm } from './parameters/member-forms';
import type { ParametersProps } from './parameters/parameter-form';
import { ReconfigureForm } from './parameters/reconfigure-form';
import { useSetFacts } from './parameters/replica-set-facts';
import { StepDownForm } from './parameters/step-down-form';
import { useFirstFocus } from './use-first-focus';

/** The one dialog of all operations: parameters, preview, guard, run, outcome. Opened by `askForOperation`. */
export function OperationDialog() {
  const asked = useOperations((state) => state.asked);
  const connection = useConnection(asked?.connectionId ?? null);
  // A dialog that closes keeps its words until it is gone.
  const [last, setLast] = useState<AskedOperation | null>(null);
  if (asked !== null && asked !== last) setLast(asked);
  const shown = asked ?? last;
  return (
    <Modal
      opened={asked !== null && connection !== null}
      onClose={closeOperation}
      title={shown ? operationWords[shown.kind].title : ''}
      size={920}
      closeOnClickOutside={false}
    >
      {shown && connection ? (
        <ChooseSet key={keyOf(shown)} asked={shown} connection={connection} onClose={closeOperation} />
      ) : null}
    </Modal>
  );
}

function keyOf({ connectionId, set, kind, host }: AskedOperation): string {
  return JSON.stringify([connectionId, set, kind, host]);
}

interface AskedProps {
  asked: AskedOperation;
  connection: Connection;
  onClose: () => void;
}

/** Of a sharded deployment: which of its sets. */
function ChooseSet({ asked, connection, onClose }: AskedProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const set = asked.set ?? chosen;
  const replicaSet = useSetFacts(connection.id, set);
  const { choices, facts, error, loading, reload } = replicaSet;
  return (
    <Stack gap={16}>
      {choices ? (
        <Select
          label="Which replica set"
          placeholder="Choose one"
          data={choices}
          value={chosen}
          onChange={setChosen}
          data-autofocus
        />
      ) : null}
      {error ? <ErrorPanel error={error} onRetry={reload} connectionId={connection.id} /> : null}
      {!facts && loading ? <Waiting for={`Asking ${connection.name} for its configuration`} /> : null}
      {facts ? (
        <Flow key={facts.set} asked={asked} set={set} facts={facts} connection={connection} onClose={onClose} />
      ) : null}
    </Stack>
  );
}

interface FlowProps extends AskedProps {
  set: string | null;
  facts: ParametersProps['facts'];
}

const forms: Record<Exclude<OperationKind, 'failover-test'>, ComponentType<ParametersProps>> = {
  'step-down': StepDownForm,
  freeze: FreezeForm,
  reconfigure: ReconfigureForm,
  'add-member': AddMemberForm,
  'remove-member': RemoveMemberForm,
  'replace-member': ReplaceMemberForm,
  compact: CompactForm,
};

function Flow({ asked: { kind, host }, set, facts, connection, onClose }: FlowProps) {
  const flow = useOperationFlow(connection.id, set);
  const { stage } = flow;
  const content = useRef<HTMLDivElement>(null);
  const isOver = stage.at === 'run' && stage.outcome !== null;
  useFirstFocus(content, `${stage.at} ${isOver}`);
  if (stage.at === 'run') {
    return (
      <div ref={content}>
        <RunView
          preview={stage.preview}
          jobId={stage.jobId}
          outcome={stage.outcome}
          error={flow.error}
          onClose={onClose}
        />
      </div>
    );
  }
  const Form = kind === 'failover-test' ? null : forms[kind];
  return (
    <div ref={content}>
      {/* Hidden beside its preview, so that what was entered is there when going back. */}
      <div hidden={stage.at !== 'parameters'}>
        <p className={styles.intro} style={{ marginBottom: 16 }}>
          {operationWords[kind].does}
        </p>
        {Form ? (
          <Form
            connectionId={connection.id}
            facts={facts}
            host={host}
            busy={flow.busy}
            error={stage.at === 'parameters' ? flow.error : null}
            onPreview={(operation) => void flow.preview(operation)}
            onCancel={onClose}
          />
        ) : (
          <FailoverStart flow={flow} connection={connection} onCancel={onClose} />
        )}
      </div>
      {stage.at === 'preview' ? (
        <PreviewView
          connection={connection}
          preview={stage.preview}
          changed={stage.changed}
          busy={flow.busy}
          error={flow.error}
          onBack={Form ? flow.back : null}
          onPreviewAgain={() => void flow.previewAgain()}
          onStart={(typedName) => void flow.start(typedName)}
          onCancel={onClose}
        />
      ) : null}
    </div>
  );
}

interface FailoverStartProps {
  flow: OperationFlow;
  connection: Connection;
  onCancel: () => void;
}

/** A failover test has no parameters: its preview is asked for at once. */
function FailoverStart({ flow, connection, onCancel }: FailoverStartProps) {
  const { preview } = flow;
  const isAsked = flow.stage.at !== 'parameters' || flow.busy || flow.error !== null;
  useEffect(() => {
    if (!isAsked) void preview({ kind: 'failover-test' });
  }, [isAsked, preview]);
  if (!flow.error) return <Waiting for={`Looking at the members of ${connection.name}`} />;
  return (
    <Stack gap={16}>
      <ErrorPanel
        error={flow.error}
        connectionId={connection.id}
        onRetry={() => void preview({ kind: 'failover-test' })}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel} data-autofocus>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}
