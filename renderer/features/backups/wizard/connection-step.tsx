import { Button, Radio, Stack } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useEffect } from 'react';
import { judgeDeployment, topologyText } from '../../../components/deployment-text';
import { EmptyState } from '../../../components/empty-state';
import { EnvironmentBadge } from '../../../components/environment-badge';
import { ErrorPanel } from '../../../components/error-panel';
import { Section } from '../../../components/page';
import { StateMark } from '../../../components/state-mark';
import { Timestamp } from '../../../components/timestamp';
import { goTo, paths } from '../../../navigation';
import { useConnections, useTestOf } from '../../../state/connections';
import { useBackupWizard } from './wizard-store';

/** Which deployment; its state beside it, because a backup of an ill member is worth less. */
export function ConnectionStep() {
  const connections = useConnections((state) => state.connections) ?? [];
  const test = useConnections((state) => state.test);
  const { draft, change } = useBackupWizard();
  const chosen = draft.connectionId;
  const state = useTestOf(chosen);
  const untested = chosen !== null && !state.result && !state.error && !state.running;
  useEffect(() => {
    if (untested && chosen !== null) void test(chosen);
  }, [untested, chosen, test]);
  if (connections.length === 0) {
    return (
      <EmptyState
        icon={<IconPlugConnected size={32} />}
        title="No connection yet"
        actions={<Button onClick={() => goTo(paths.newConnection)}>Add a connection</Button>}
      >
        A backup begins with a connection to the deployment it is of.
      </EmptyState>
    );
  }
  const deployment = state.result?.deployment ?? null;
  const verdict = deployment ? judgeDeployment(deployment) : null;
  const failure = state.error ?? state.result?.error ?? null;
  return (
    <>
      <Section title="Back up from">
        <Radio.Group
          // Names the group without being seen: an aria-label would name the wrapper instead.
          label="Connection"
          labelProps={{ display: 'none' }}
          value={chosen}
          onChange={(connectionId) => change({ connectionId, databases: [], namespaces: [], queries: {} })}
        >
          <Stack gap={12}>
            {connections.map(({ id, name, environment, uri }) => (
              <Radio
                key={id}
                value={id}
                label={
                  <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center' }}>
                    {name} <EnvironmentBadge environment={environment} />
                  </span>
                }
                description={<code className="wrap-anywhere">{uri}</code>}
              />
            ))}
          </Stack>
        </Radio.Group>
      </Section>
      {chosen !== null && failure ? (
        <ErrorPanel error={failure} connectionId={chosen} onRetry={() => void test(chosen)} />
      ) : null}
      {state.running ? <StateMark state="running">Asking who it is</StateMark> : null}
      {deployment && verdict ? (
        <StateMark state={verdict.state}>
          {topologyText(deployment)}: {verdict.sentence}, as of <Timestamp value={state.at} seconds />
        </StateMark>
      ) : null}
    </>
  );
}
