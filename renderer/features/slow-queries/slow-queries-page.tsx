import { Button } from '@mantine/core';
import { IconFile, IconGauge } from '@tabler/icons-react';
import { useState } from 'react';
import { useAction } from '../../api';
import { DropZone } from '../../components/drop-zone';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { Page } from '../../components/page';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { useCurrentConnection } from '../../state/connections';
import { CaptureBody } from './capture-body';
import { CaptureDialog, type LiveSource } from './captures/capture-dialog';
import { captureSentence } from './captures/capture-words';
import { NewCaptureMenu, SourceChooser } from './captures/source-chooser';
import { openDropped, openLogs } from './captures/start-capture';
import { LiveTab } from './live/live-tab';
import { ProfileDialog } from './profiler/profile-dialog';
import { ProfilersDrawer } from './profiler/profilers-drawer';
import { ProfilerState } from './profiler/profiler-state';
import { useProfiling } from './profiler/use-profiling';
import { useCaptures, useChosenCapture, useSlowQueries } from './slow-queries-store';
import styles from './slow-queries.module.css';

/** From "it is slow" to the shapes behind it: where operations come from, when they ran, what they have in common. `profiling` opens the dialog. */
export function SlowQueriesPage({ profiling = false }: { profiling?: boolean }) {
  const connection = useCurrentConnection();
  const captures = useCaptures();
  const listError = useSlowQueries((state) => state.error);
  const chosen = useChosenCapture(connection?.id ?? null);
  const status = useProfiling(connection?.id ?? null);
  const [profilers, setProfilers] = useState(false);
  const [liveSource, setLiveSource] = useState<LiveSource | null>(null);
  const [looking, setLooking] = useState(false);
  const logs = useAction(openLogs);
  const drop = useAction(openDropped);
  useReady('Slow queries', captures !== null);
  const profile = (
    <Button
      leftSection={<IconGauge size={14} aria-hidden />}
      disabled={!connection || !status.data}
      onClick={() => goTo(`${paths.slowQueries}/profile`)}
    >
      Profile…
    </Button>
  );
  const other = (
    <NewCaptureMenu
      connection={connection}
      busy={logs.busy || drop.busy}
      onLogs={(folder) => void logs.run(folder)}
      onRecorded={() => setLiveSource('recorded')}
      onServerLog={() => setLiveSource('server-log')}
      onCurrent={() => setLiveSource('current-operations')}
    />
  );
  const error = logs.error ?? drop.error;
  return (
    <DropZone text="Drop logs, or folders of logs, to read them" onDrop={(files) => void drop.run(files)}>
      <Page
        title="Slow queries"
        fills
        sentence={chosen ? captureSentence(chosen) : undefined}
        actions={
          <>
            {other}
            {profile}
          </>
        }
      >
        {listError ? <ErrorPanel error={listError} onRetry={() => void useSlowQueries.getState().load()} /> : null}
        {error ? <ErrorPanel error={error} /> : null}
        {captures === null && !listError ? <Waiting for="Reading the captures" /> : null}
        {captures ? (
          <div className={styles.sources}>
            <SourceChooser captures={captures} chosen={chosen} />
            {connection ? <ProfilerState status={status} onDetails={() => setProfilers(true)} /> : null}
          </div>
        ) : null}
        {status.error && !status.data && connection ? (
          <ErrorPanel error={status.error} onRetry={status.reload} connectionId={connection.id} />
        ) : null}
        {captures && chosen ? (
          <CaptureBody key={chosen.id} capture={chosen} captures={captures} connection={connection} />
        ) : null}
        {captures && !chosen ? (
          <>
            <EmptyState
              icon={<IconGauge size={32} />}
              title="Find out what is slow"
              actions={
                <>
                  <Button
                    variant="default"
                    leftSection={<IconFile size={14} aria-hidden />}
                    onClick={() => void logs.run(false)}
                  >
                    Open log files
                  </Button>
                  <Button variant="default" disabled={!connection} onClick={() => setLooking(true)}>
                    See what runs now
                  </Button>
                </>
              }
            >
              Profile {connection ? connection.name : 'a connection'} for ten minutes: operations are grouped by shape,
              so that the few queries behind the load stand out, and the profiler is put back to what it was by itself.
              Or drop logs of a mongod here, plain or gzip, of several members at once: nothing is sent anywhere.
            </EmptyState>
            {looking ? <LiveTab connection={connection} /> : null}
          </>
        ) : null}
      </Page>
      {connection && status.data ? (
        <ProfileDialog
          opened={profiling}
          onClose={() => goTo(paths.slowQueries)}
          connection={connection}
          status={status.data}
        />
      ) : null}
      {connection ? (
        <CaptureDialog
          source={liveSource}
          onClose={() => setLiveSource(null)}
          connection={connection}
          status={status.data}
        />
      ) : null}
      <ProfilersDrawer opened={profilers} onClose={() => setProfilers(false)} status={status} />
    </DropZone>
  );
}
