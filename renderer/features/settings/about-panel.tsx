import { Button, Stack, Table } from '@mantine/core';
import { useState } from 'react';
import { useRequest } from '../../api';
import { CopyAction } from '../../components/copy-action';
import { ErrorPanel } from '../../components/error-panel';
import { Facts } from '../../components/facts';
import { Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import { Waiting } from '../../components/waiting';
import { useApp } from '../../state/app-state';

const states = { ok: 'good', warning: 'warning', failed: 'bad' } as const;

/** Version, places, and what `lifeboat doctor` says. */
export function AboutPanel() {
  const info = useApp((state) => state.info);
  const [asked, setAsked] = useState(false);
  const doctor = useRequest('app.doctor', undefined, { enabled: asked });
  if (!info) return null;
  return (
    <Stack gap={16} maw={1200}>
      <Section title="Lifeboat">
        <Facts
          facts={[
            { term: 'Version', value: info.version },
            { term: 'Electron', value: info.electron },
            { term: 'Platform', value: info.platform },
            {
              term: 'Data folder',
              value: (
                <span className="beside-action">
                  <code>{info.dataFolder}</code>
                  <CopyAction text={info.dataFolder} label="the path" />
                </span>
              ),
            },
            { term: 'License', value: 'Apache-2.0' },
            { term: 'Telemetry', value: 'none: the window has no network access at all' },
          ]}
        />
      </Section>
      <Section
        title="Check-up"
        flush
        aside={
          <Button variant="default" loading={doctor.loading} onClick={() => (asked ? doctor.reload() : setAsked(true))}>
            {doctor.data ? 'Check again' : 'Check everything'}
          </Button>
        }
      >
        {doctor.error ? <ErrorPanel error={doctor.error} onRetry={doctor.reload} /> : null}
        {doctor.data ? (
          <Table aria-label="Check-up" verticalSpacing={6} horizontalSpacing={16}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">What</Table.Th>
                <Table.Th scope="col">State</Table.Th>
                <Table.Th scope="col">What to do</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {doctor.data.checks.map((check) => (
                <Table.Tr key={check.id}>
                  <Table.Td className="nowrap">{check.title}</Table.Td>
                  <Table.Td className="wrap-anywhere">
                    <StateMark state={states[check.status]}>{check.summary}</StateMark>
                  </Table.Td>
                  <Table.Td className="wrap-anywhere">{check.hint ?? ''}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        ) : (
          <div style={{ padding: '8px 16px' }}>
            {doctor.loading ? (
              <Waiting for="Checking tools, keychain, data folder, stores and connections" />
            ) : (
              <span className="dimmed">Tools, keychain, data folder, stores and connections.</span>
            )}
          </div>
        )}
      </Section>
    </Stack>
  );
}
