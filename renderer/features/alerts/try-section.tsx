import { Button, Group, SegmentedControl, Select, Stack, Table, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import type { AlertRule, RuleTrial } from '../../../shared/alerts';
import type { Connection } from '../../../shared/connections';
import { formatDuration, formatQuantity } from '../../../shared/format';
import { api, useAction } from '../../api';
import { announce } from '../../components/announcer';
import { ErrorPanel } from '../../components/error-panel';
import { StateMark } from '../../components/state-mark';
import { Timestamp } from '../../components/timestamp';
import { useConnections } from '../../state/connections';
import { unitOf, valueWords } from './rule-words';
import styles from './alerts.module.css';

const dayMs = 86_400_000;
const periods = [
  { value: 'day', label: 'Last day', words: 'in the last day', ms: dayMs },
  { value: 'week', label: 'Last week', words: 'last week', ms: 7 * dayMs },
  { value: 'month', label: 'Last month', words: 'last month', ms: 30 * dayMs },
] as const;
type Period = (typeof periods)[number];

interface TrySectionProps {
  /** As it stands in the editor; null while something is wrong with it. */
  rule: AlertRule | null;
}

interface Tried {
  rule: AlertRule;
  period: Period;
  trial: RuleTrial;
}

/** "Would have fired 3 times last week": the rule over what is kept of a deployment. */
export function TrySection({ rule }: TrySectionProps) {
  const connections = (useConnections((state) => state.connections) ?? []).filter((one) => isWithin(rule, one));
  const currentId = useConnections((state) => state.currentId);
  const [chosen, setChosen] = useState(currentId);
  const connectionId = (connections.find(({ id }) => id === chosen) ?? connections[0])?.id ?? null;
  const [period, setPeriod] = useState<Period>(periods[1]);
  const [tried, setTried] = useState<Tried | null>(null);
  const attempt = useAction(async () => {
    if (!rule || connectionId === null) return;
    const to = Date.now();
    const trial = await api('alerts.try-rule', { rule, connectionId, from: to - period.ms, to });
    setTried({ rule, period, trial });
    announce(outcomeWords(trial, period));
  });
  return (
    <Stack gap={12}>
      <Group gap={12} align="flex-end">
        <Select
          label="Deployment"
          w={200}
          value={connectionId}
          onChange={setChosen}
          data={connections.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <SegmentedControl
          aria-label="Over which time"
          value={period.value}
          onChange={(value) => setPeriod(periods.find((one) => one.value === value) ?? periods[1])}
          data={periods.map(({ value, label }) => ({ value, label }))}
        />
        <Button
          variant="default"
          leftSection={<IconHistory size={14} aria-hidden />}
          disabled={!rule || connectionId === null}
          loading={attempt.busy}
          onClick={() => void attempt.run()}
        >
          Try against history
        </Button>
      </Group>
      {attempt.error ? <ErrorPanel error={attempt.error} connectionId={connectionId} /> : null}
      {tried && !attempt.error ? (
        <Outcome {...tried} isStale={tried.rule !== rule && !isSameRule(tried.rule, rule)} />
      ) : null}
    </Stack>
  );
}

/** Whether the rule looks at the deployment at all. */
function isWithin(rule: AlertRule | null, { id, environment }: Connection): boolean {
  const { connectionIds = null, environments = null } = rule?.scope ?? {};
  return (connectionIds?.includes(id) ?? true) && (environments?.includes(environment) ?? true);
}

function isSameRule(tried: AlertRule, rule: AlertRule | null): boolean {
  return JSON.stringify(tried) === JSON.stringify(rule);
}

function outcomeWords({ firings }: RuleTrial, { words }: Period): string {
  if (firings.length === 0) return `It would not have fired ${words}.`;
  return `It would have fired ${formatQuantity(firings.length, 'time')} ${words}.`;
}

function Outcome({ rule, period, trial, isStale }: Tried & { isStale: boolean }) {
  const unit = unitOf(rule.condition);
  return (
    <div>
      <StateMark state={trial.firings.length === 0 ? 'good' : 'warning'}>
        {outcomeWords(trial, period)}
        {isStale ? ' The rule was changed since: try again.' : ''}
      </StateMark>
      {trial.firings.length === 0 ? (
        <Text size="sm" c="dimmed" mt={4}>
          Looked at what is kept from <Timestamp value={new Date(trial.from)} /> to{' '}
          <Timestamp value={new Date(trial.to)} />.
        </Text>
      ) : (
        <div className={styles.firings} tabIndex={0} role="region" aria-label="Firings, scrollable">
          <Table aria-label="When it would have fired" verticalSpacing={4} mt={8}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Fired</Table.Th>
                <Table.Th scope="col">Member</Table.Th>
                <Table.Th scope="col" ta="right">
                  Lasted
                </Table.Th>
                <Table.Th scope="col" ta="right">
                  Worst
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {trial.firings.map(({ host, firedAt, clearedAt, worst }) => (
                <Table.Tr key={`${host} ${firedAt}`}>
                  <Table.Td>
                    <Timestamp value={new Date(firedAt)} seconds />
                  </Table.Td>
                  <Table.Td className="mono">{host}</Table.Td>
                  <Table.Td ta="right">
                    {clearedAt === null ? 'still fires' : formatDuration((clearedAt - firedAt) / 1000)}
                  </Table.Td>
                  <Table.Td ta="right">{worst === null ? '–' : valueWords(worst, unit)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </div>
  );
}
