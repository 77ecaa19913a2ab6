import { Anchor, SegmentedControl } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ReplicaSetConfiguration } from '../../../../shared/deployment-health';
import type { Connection } from '../../../../shared/connections';
import type { HealthEventKind } from '../../../../shared/health';
import { useRequest } from '../../../api';
import { CopyAction } from '../../../components/copy-action';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { Page, Section } from '../../../components/page';
import { TextBlock } from '../../../components/text-block';
import { Timestamp } from '../../../components/timestamp';
import { useEscapeBack } from '../../../components/use-escape-back';
import { Waiting } from '../../../components/waiting';
import { paths } from '../../../navigation';
import { useHealthOf } from '../../../state/health';
import { useEventsOf, useFollowedEvents } from '../replica-set-store';
import styles from '../replica-set.module.css';
import { ConfigurationActions } from '../set-actions';
import { WithConnection } from '../with-connection';
import { ConfiguredMembers, SettingsTable } from './configuration-tables';

const back = { label: 'Replica set', path: paths.replicaSet };

/** `rs.conf()`, readable: of the current connection, or of one of its sets. */
export function ConfigurationPage({ set }: { set: string | null }) {
  useEscapeBack(paths.replicaSet);
  return (
    <WithConnection title="Configuration">
      {(connection) => <Configuration key={`${connection.id} ${set ?? ''}`} connection={connection} set={set} />}
    </WithConnection>
  );
}

const changing: ReadonlySet<HealthEventKind> = new Set(['reconfigured', 'member-added', 'member-removed', 'election']);

function Configuration({ connection, set }: { connection: Connection; set: string | null }) {
  useFollowedEvents(connection.id);
  const health = useHealthOf(connection.id);
  const sets = health?.sample?.sets ?? [];
  const isOpen = set === null && sets.length > 1;
  const { data, error, at, loading, reload } = useRequest(
    'health.configuration',
    { connectionId: connection.id, set },
    { enabled: !isOpen },
  );
  const lastChange = useEventsOf(connection.id)
    .filter(({ kind }) => changing.has(kind))
    .at(-1);
  // Asked before the first sample, or changed since.
  const asOf = `${lastChange?.at ?? ''} ${health?.sample ? 'sampled' : ''}`;
  const readAsOf = useRef(asOf);
  useEffect(() => {
    if (readAsOf.current === asOf) return;
    readAsOf.current = asOf;
    reload();
  }, [asOf, reload]);
  if (isOpen) return <ChooseSet names={sets.map((one) => one.name)} />;
  const name = data?.set ?? set;
  return (
    <Page
      title={name === null ? 'Configuration' : `Configuration of ${name}`}
      back={back}
      sentence={
        data && at ? (
          <>
            version {data.version}
            {data.term === null ? null : ` · term ${data.term}`} · read <Timestamp value={at} seconds />
          </>
        ) : undefined
      }
      actions={data ? <ConfigurationActions connectionId={connection.id} set={data.set} /> : null}
    >
      {error ? <ErrorPanel error={error} onRetry={reload} connectionId={connection.id} /> : null}
      {!data && loading ? <Waiting for={`Asking ${connection.name} for its configuration`} /> : null}
      {data ? <Read configuration={data} /> : null}
    </Page>
  );
}

/** A sharded deployment has a configuration for each of its sets. */
function ChooseSet({ names }: { names: readonly string[] }) {
  return (
    <Page title="Configuration" back={back} sentence="Each set has a configuration of its own.">
      <Section title="Sets">
        <ul className={styles.remarks} aria-label="Sets">
          {names.map((name) => (
            <li key={name}>
              <Anchor href={`#${paths.replicaSetConfiguration(name)}`}>{name}</Anchor>
            </li>
          ))}
        </ul>
      </Section>
    </Page>
  );
}

function Read({ configuration }: { configuration: ReplicaSetConfiguration }) {
  const [view, setView] = useState<'table' | 'text'>('table');
  const { remarks, text } = configuration;
  return (
    <>
      {remarks.length > 0 ? (
        <Notice kind="info" title="Worth knowing">
          <ul className={styles.remarks} aria-label="Remarks">
            {remarks.map((remark) => (
              <li key={remark}>{remark}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      <div className={styles.bar}>
        <SegmentedControl
          aria-label="How the configuration is shown"
          value={view}
          onChange={(value) => setView(value === 'text' ? 'text' : 'table')}
          data={[
            { value: 'table', label: 'Table' },
            { value: 'text', label: 'Text' },
          ]}
        />
        <CopyAction text={text} label="the configuration" words />
      </div>
      {view === 'table' ? (
        <>
          <ConfiguredMembers configuration={configuration} />
          <SettingsTable configuration={configuration} />
        </>
      ) : (
        <Section title="As the server gave it" flush>
          <div className={styles.whole}>
            <TextBlock text={text} label="Configuration as text" />
          </div>
        </Section>
      )}
    </>
  );
}
