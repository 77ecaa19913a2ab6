import { Stack } from '@mantine/core';
import type { OperationOutcome } from '../../../../shared/operations';
import { useRequest } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts } from '../../../components/facts';
import { Page, Section } from '../../../components/page';
import { StateMark } from '../../../components/state-mark';
import { Age, Timestamp } from '../../../components/timestamp';
import { Waiting } from '../../../components/waiting';
import { paths } from '../../../navigation';
import { useReady } from '../../../readiness';
import { operationWords, outcomeMark } from '../operation-words';
import { OutcomeView } from '../outcome/outcome-view';

/** One operation that is over: what was done and what came of it. */
export function OperationPage({ id }: { id: string }) {
  const { data: outcome, error, reload } = useRequest('operations.outcome', { id });
  useReady('Operation', outcome !== null);
  const back = { label: 'Operations', path: paths.operations };
  if (!outcome) {
    return (
      <Page title="Operation" back={back}>
        {error ? <ErrorPanel error={error} onRetry={reload} /> : <Waiting for="Reading what came of it" />}
      </Page>
    );
  }
  const { state, word } = outcomeMark(outcome);
  return (
    <Page
      title={outcome.title}
      back={back}
      sentence={
        <>
          <StateMark state={state}>{word}</StateMark> · begun <Age value={new Date(outcome.startedAt)} />
        </>
      }
    >
      <Section title="What came of it">
        <Stack gap={16}>
          <OutcomeView outcome={outcome} />
        </Stack>
      </Section>
      <About outcome={outcome} />
    </Page>
  );
}

function About({ outcome }: { outcome: OperationOutcome }) {
  return (
    <Section title="This operation">
      <Facts
        facts={[
          { term: 'Operation', value: operationWords[outcome.kind].title },
          { term: 'Connection', value: outcome.connectionName },
          { term: 'Replica set', value: <span className="mono">{outcome.set}</span> },
          { term: 'Begun', value: <Timestamp value={new Date(outcome.startedAt)} seconds /> },
          { term: 'Ended', value: <Timestamp value={new Date(outcome.finishedAt)} seconds /> },
          {
            term: 'By',
            value: `${outcome.user}, from the ${outcome.origin === 'cli' ? 'command line' : 'window'}`,
          },
          { term: 'Id', value: <code>{outcome.id}</code> },
        ]}
      />
    </Section>
  );
}
