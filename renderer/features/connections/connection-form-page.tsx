import { Button, Stack } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { api, useAction, useRequest } from '../../api';
import { ActionBar } from '../../components/action-bar';
import { announce } from '../../components/announcer';
import { judgeDeployment } from '../../components/deployment-text';
import { ErrorPanel } from '../../components/error-panel';
import { Page, Section } from '../../components/page';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { useConnection, useConnections } from '../../state/connections';
import type { Connection, ConnectionTest } from '../../../shared/connections';
import { ConnectionFields } from './connection-fields';
import { draftOf, emptyDraft, inputOf, type ConnectionDraft, type DraftErrors } from './connection-draft';
import { Diagnosis } from './diagnosis';
import styles from './connection-form.module.css';

/** Adding a connection (`id` null) or editing one. */
export function ConnectionFormPage({ id }: { id: string | null }) {
  const connection = useConnection(id);
  const loaded = useConnections((state) => state.connections !== null);
  useReady('Connection form', true);
  if (id !== null && !connection) {
    return (
      <Page title="Edit connection" back={{ label: 'Connections', path: paths.connections }}>
        {loaded ? (
          <ErrorPanel error={{ code: 'not-found', message: 'This connection does not exist any more.' }} />
        ) : (
          <Waiting for="Reading the saved connections" />
        )}
      </Page>
    );
  }
  return <ConnectionForm connection={connection} />;
}

function testSentence({ reachable, error, deployment }: ConnectionTest): string {
  if (error) return error.message;
  if (!reachable) return 'not reachable';
  return deployment ? `reachable, ${judgeDeployment(deployment).sentence}` : 'reachable';
}

function ConnectionForm({ connection }: { connection: Connection | null }) {
  const [draft, setDraft] = useState<ConnectionDraft>(() => (connection ? draftOf(connection) : emptyDraft));
  const [errors, setErrors] = useState<DraftErrors>({});
  const [tested, setTested] = useState<{ test: ConnectionTest; at: Date } | null>(null);
  const secretStore = useRequest('connections.secret-store', undefined);
  const keychain = secretStore.data?.keychain ?? false;
  const { load, choose, forgetTest } = useConnections.getState();

  const change = (next: ConnectionDraft) => {
    setDraft(next);
    setErrors({});
  };
  const check = () => {
    const checked = inputOf(draft, keychain);
    setErrors(checked.errors ?? {});
    return checked.input;
  };
  const test = useAction(async () => {
    const input = check();
    if (!input) return;
    setTested(null);
    const result = await api('connections.test-input', { input, existingId: connection?.id ?? null });
    setTested({ test: result, at: new Date() });
  });
  const save = useAction(async () => {
    const input = check();
    if (!input) return;
    const saved = connection
      ? await api('connections.update', { id: connection.id, input })
      : await api('connections.add', input);
    forgetTest(saved.id);
    await load();
    if (!connection) choose(saved.id);
    goTo(paths.connection(saved.id));
  });
  const formId = useId();
  const result = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!tested) return;
    announce(`Test: ${testSentence(tested.test)}`);
    // Where the window is narrow it stands below the form.
    result.current?.scrollIntoView({ block: 'nearest' });
  }, [tested]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  const backPath = connection ? paths.connection(connection.id) : paths.connections;
  return (
    <Page
      title={connection ? `Edit ${connection.name}` : 'Add a connection'}
      back={{ label: connection ? connection.name : 'Connections', path: backPath }}
      sentence="Test it before saving: the test tells exactly why a server cannot be reached."
    >
      <div className={styles.columns}>
        <form id={formId} onSubmit={submit} noValidate aria-label="Connection">
          <Stack gap={16}>
            <ConnectionFields draft={draft} errors={errors} secretStore={secretStore.data} onChange={change} />
            {secretStore.error ? <ErrorPanel error={secretStore.error} onRetry={secretStore.reload} /> : null}
          </Stack>
        </form>
        <div ref={result} className={styles.test}>
          {test.error ? <ErrorPanel error={test.error} onRetry={() => void test.run()} /> : null}
          {test.busy ? (
            <Section title="Test">
              <Waiting for="Connecting, authenticating, asking for members and privileges" />
            </Section>
          ) : null}
          {tested ? (
            <Diagnosis test={tested.test} at={tested.at} connectionId={null} onRetry={() => void test.run()} />
          ) : null}
          {!tested && !test.busy && !test.error ? <WhatATestTells /> : null}
        </div>
      </div>
      <ActionBar said={save.error ? <ErrorPanel error={save.error} /> : null}>
        <Button type="submit" form={formId} loading={save.busy}>
          {connection ? 'Save' : 'Add connection'}
        </Button>
        <Button
          variant="default"
          leftSection={<IconPlugConnected size={14} aria-hidden />}
          loading={test.busy}
          onClick={() => void test.run()}
        >
          Test
        </Button>
        <Button variant="subtle" color="gray" onClick={() => goTo(backPath)}>
          Cancel
        </Button>
      </ActionBar>
    </Page>
  );
}

function WhatATestTells() {
  return (
    <Section title="Test">
      <p className={styles.told}>Nothing is saved or written by a test. It tells</p>
      <ul className={styles.list}>
        <li>whether the servers are found and answer, and if not, exactly why;</li>
        <li>whether user name and password are accepted;</li>
        <li>which members there are, their state and lag, the version, the oplog window;</li>
        <li>which privileges are missing for which feature.</li>
      </ul>
    </Section>
  );
}
