import { Button, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { problemsOf, takesAway, type Estimate, type Preview } from '../../../shared/restore';
import { useAction, useRequest } from '../../api';
import { ActionBar } from '../../components/action-bar';
import { CommandBlock } from '../../components/command-block';
import { EffectNumbers, effectPromise } from '../../components/effect-numbers';
import { ErrorPanel } from '../../components/error-panel';
import { Notice } from '../../components/notice';
import { Section } from '../../components/page';
import { Waiting } from '../../components/waiting';
import { useConnection } from '../../state/connections';
import { MetadataFields } from './apply/metadata-fields';
import { UndoField } from './apply/undo-field';
import { WrittenSince } from './apply/written-since';
import { metadataText } from './metadata-effect';
import { modeWords } from '../../components/mode-words';
import { usePicks } from './preview/pick-store';
import { effectModeOf, predictedEffect, predictedMetadata } from './preview/predicted-effect';
import { ProblemList } from './problem-list';
import { estimateParts, estimateText } from './proof/estimate-text';
import { stepOf, useRestore } from './restore-store';

/** The exact commands, the guard, and a button that repeats the numbers. */
export function ApplyStep() {
  const preview = useRestore((state) => state.preview);
  const goToStep = useRestore((state) => state.goToStep);
  if (!preview) {
    return (
      <Stack gap={16}>
        <Notice kind="warning">There is no preview any more.</Notice>
        <Group>
          <Button variant="default" onClick={() => goToStep(stepOf.target)}>
            Back to the target
          </Button>
        </Group>
      </Stack>
    );
  }
  return <Apply preview={preview} />;
}

function Apply({ preview }: { preview: Preview }) {
  const { mode, metadata: choice, undo, error, goToStep, apply, refreshPreview } = useRestore();
  const connection = useConnection(preview.request.connectionId);
  const [typed, setTyped] = useState('');
  const ticked = usePicks(preview.id);
  const picks = useMemo(() => (mode === 'pick' ? ticked : []), [mode, ticked]);
  const { namespaces } = preview.result;
  const effect = useMemo(
    () => predictedEffect(effectModeOf(preview, mode), namespaces, picks, choice),
    [preview, mode, namespaces, picks, choice],
  );
  const metadata = useMemo(() => predictedMetadata(mode, namespaces, picks, choice), [namespaces, mode, picks, choice]);
  const order = { previewId: preview.id, mode, namespaces: [], typedName: null, picks, metadata: choice, undo };
  const commands = useRequest('restore.commands', order);
  const estimate = useRequest('restore.estimate', order);
  const run = useAction(apply);
  const isTakingAway = takesAway(mode, choice);
  const isGuarded = connection?.environment === 'production' && (isTakingAway || !undo);
  const isForbidden = connection?.readOnly === true;
  // What is only worth a note was told in the preview; that the connection is read-only is told below.
  const problems = problemsOf(mode, preview.result.problems, choice).filter(
    ({ code, severity }) => severity !== 'info' && code !== 'read-only-connection',
  );
  const isBlocked = problems.some(({ severity }) => severity === 'blocking');
  const isEmpty = mode === 'pick' && picks.length === 0 && !metadataText(metadata);
  const ready = !isForbidden && !isBlocked && !isEmpty && (!isGuarded || typed === connection.name);
  const promise = effectPromise(effect) || metadataText(metadata);
  return (
    <>
      <Stack gap={16} maw={1200}>
        <WrittenSince preview={preview} />
        <Section
          title={
            preview.undoOf === null ? `${modeWords[mode].name}: ${modeWords[mode].does}` : `Undo of ${preview.undoOf}`
          }
        >
          <EffectNumbers effect={effect} conditional />
          {metadataText(metadata) ? <p style={{ margin: '8px 0 0' }}>{metadataText(metadata)}</p> : null}
          {mode === 'clone' ? <CloneNames preview={preview} /> : null}
          {estimate.data ? <EstimateLine estimate={estimate.data} /> : null}
        </Section>
        <SimpleGrid cols={2} spacing={16}>
          <MetadataFields preview={preview} />
          <UndoField />
        </SimpleGrid>
        <Section title="What will run">
          {commands.error ? <ErrorPanel error={commands.error} onRetry={commands.reload} /> : null}
          {!commands.data && commands.loading ? <Waiting for="Putting the commands together" /> : null}
          {commands.data ? <CommandBlock commands={commands.data} label="the commands" /> : null}
        </Section>
        {problems.length > 0 ? (
          <Section title="Predicted problems">
            <ProblemList problems={problems} />
          </Section>
        ) : null}
        {isForbidden ? (
          <Notice kind="bad" title={`${connection.name} is read-only`}>
            Lifeboat refuses every write through it. Edit the connection, or restore into another one.
          </Notice>
        ) : null}
        {isGuarded ? (
          <Section title={`${connection.name} is production`}>
            <p style={{ margin: '0 0 8px' }}>
              {isTakingAway ? 'This restore overwrites or deletes there' : 'This restore writes there'}
              {undo ? '.' : ', and could not be undone.'}
            </p>
            <TextInput
              label={`To go on, type the connection's name: ${connection.name}`}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              maw={360}
            />
          </Section>
        ) : null}
        {error ? (
          <ErrorPanel
            error={error}
            connectionId={preview.request.connectionId}
            actions={
              error.code === 'preview-stale' ? (
                <Button onClick={() => void refreshPreview()}>Preview again</Button>
              ) : undefined
            }
          />
        ) : null}
      </Stack>
      <ActionBar>
        <Button variant="default" onClick={() => goToStep(stepOf.preview)}>
          Back
        </Button>
        <Button
          color={isTakingAway || !undo ? 'red' : undefined}
          leftSection={<IconCheck size={14} aria-hidden />}
          disabled={!ready || commands.error !== null}
          loading={run.busy}
          onClick={() => void run.run(isGuarded ? typed : null)}
        >
          {promise ? `Apply: ${promise}` : 'Apply: nothing to write'}
        </Button>
      </ActionBar>
    </>
  );
}

/** How long it may take, by this target's own history. */
function EstimateLine({ estimate }: { estimate: Estimate }) {
  const parts = estimateParts(estimate);
  return (
    <p style={{ margin: '8px 0 0' }}>
      Time: {estimateText(estimate)}
      {parts ? <span className="dimmed"> ({parts})</span> : null}
    </p>
  );
}

function CloneNames({ preview }: { preview: Preview }) {
  const names = Object.entries(preview.cloneNames);
  return (
    <ul className="mono" style={{ margin: '8px 0 0', paddingLeft: 16 }}>
      {names.map(([database, clone]) => (
        <li key={database}>
          {database} → {clone}
        </li>
      ))}
    </ul>
  );
}
