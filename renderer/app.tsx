import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { Route, Switch } from 'wouter';
import { ErrorBoundary } from './components/error-boundary';
import { ErrorPanel } from './components/error-panel';
import { Page } from './components/page';
import { Waiting } from './components/waiting';
import { AlertNotifier } from './features/alerts/alert-notifier';
import { AlertPage } from './features/alerts/alert-page';
import { AlertsPage, alertsAddress } from './features/alerts/alerts-page';
import { AuditPage } from './features/audit/audit-page';
import { BackupDetailsPage } from './features/backups/backup-details-page';
import { BackupsPage } from './features/backups/backups-page';
import { CompareBackupsPage } from './features/backups/compare/compare-backups-page';
import { BackupWizardPage } from './features/backups/wizard/backup-wizard-page';
import { ConnectionFormPage } from './features/connections/connection-form-page';
import { ConnectionPage } from './features/connections/connection-page';
import { ConnectionsPage } from './features/connections/connections-page';
import { IndexesPage } from './features/indexes/indexes-page';
import { OperationPage } from './features/operations/history/operation-page';
import { OperationsPage } from './features/operations/history/operations-page';
import { OperationsPanel } from './features/operations/history/operations-panel';
import { OperationDialog } from './features/operations/operation-dialog';
import { ResyncPage } from './features/operations/resync/resync-page';
import { OverviewPage } from './features/overview/overview-page';
import { ConfigurationPage } from './features/replica-set/configuration/configuration-page';
import { MemberPage } from './features/replica-set/members/member-page';
import { ReplicaSetPage } from './features/replica-set/replica-set-page';
import { RestoreHistoryPage } from './features/restore/history/history-page';
import { RestoreRunPage } from './features/restore/history/restore-run-page';
import { RestorePage } from './features/restore/restore-page';
import { SettingsPage } from './features/settings/settings-page';
import { ShapePage } from './features/slow-queries/shape/shape-page';
import { SlowQueriesPage } from './features/slow-queries/slow-queries-page';
import { DemoStartPage } from './features/start/demo-start-page';
import { DoorsPage } from './features/start/doors-page';
import { Frame } from './frame/frame';
import { goTo, paths } from './navigation';
import { useAlerts } from './state/alerts';
import { useApp } from './state/app-state';
import { useCatalogue } from './state/catalogue';
import { useConnections } from './state/connections';
import { useHealth } from './state/health';
import { useJobs } from './state/jobs';
import { useRestores } from './state/restores';

/** Loads what every page needs, then shows the page of the address. */
export function App() {
  const load = () => {
    void useApp.getState().load();
    void useConnections.getState().load();
    void useJobs.getState().load();
    void useCatalogue.getState().load();
    void useHealth.getState().load();
    void useAlerts.getState().load();
    void useRestores.getState().load();
  };
  const error = useApp((state) => (state.info === null ? state.error : null));
  useEffect(load, []);
  useFirstDemo();
  return (
    <Frame>
      <ErrorBoundary>
        {error ? (
          <Page title="Lifeboat">
            <ErrorPanel error={error} onRetry={load} />
          </Page>
        ) : (
          <Pages />
        )}
        <OperationDialog />
      </ErrorBoundary>
      <AlertNotifier />
    </Frame>
  );
}

/** Started from a checkout without a saved connection: straight to the demo. */
function useFirstDemo(): void {
  const info = useApp((state) => state.info);
  const demo = useApp((state) => state.demo);
  const opensOnDemo = useApp((state) => state.opensOnDemo);
  const connections = useConnections((state) => state.connections);
  useEffect(() => {
    if (opensOnDemo !== null || !info || !demo || !connections) return;
    const saved = connections.some(({ sandboxId }) => sandboxId === null);
    const opens = info.development && !saved && demo.state === 'stopped';
    useApp.setState({ opensOnDemo: opens });
    if (opens) void useApp.getState().startDemo();
  }, [info, demo, connections, opensOnDemo]);
}

function Pages() {
  return (
    <Switch>
      <Route path={paths.overview}>
        <Home />
      </Route>
      <Route path={paths.newBackup}>
        <BackupWizardPage />
      </Route>
      <Route path="/backups/show/:id">{({ id }) => <BackupDetailsPage key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/backups/show/:id/compare/:other?">
        {({ id, other }) => (
          <CompareBackupsPage
            key={id}
            id={decodeURIComponent(id)}
            otherId={other === undefined ? null : decodeURIComponent(other)}
          />
        )}
      </Route>
      <Route path="/backups/import">
        <BackupsPage importing />
      </Route>
      <Route path={paths.backups}>
        <BackupsPage />
      </Route>
      <Route path="/restore/from/:id">{({ id }) => <RestorePage from={decodeURIComponent(id)} />}</Route>
      <Route path="/restore/from/:id/compare/:connection">
        {({ id, connection }) => (
          <RestorePage from={decodeURIComponent(id)} compareWith={decodeURIComponent(connection)} />
        )}
      </Route>
      <Route path="/restore/history/:id">
        {({ id }) => <RestoreRunPage key={id} restoreId={decodeURIComponent(id)} />}
      </Route>
      <Route path={paths.restoreHistory}>
        <RestoreHistoryPage />
      </Route>
      <Route path={paths.restore}>
        <RestorePage />
      </Route>
      <Route path="/slow-queries/:capture/shape/:shape">
        {({ capture, shape }) => (
          <ShapePage
            key={`${capture} ${shape}`}
            captureId={decodeURIComponent(capture)}
            shapeId={decodeURIComponent(shape)}
          />
        )}
      </Route>
      <Route path="/slow-queries/profile">
        <SlowQueriesPage profiling />
      </Route>
      <Route path={paths.indexes}>
        <IndexesPage />
      </Route>
      <Route path={paths.slowQueries}>
        <SlowQueriesPage />
      </Route>
      <Route path="/replica-set/member/:host">
        {({ host }) => <MemberPage key={host} host={decodeURIComponent(host)} />}
      </Route>
      <Route path="/replica-set/configuration/:set">
        {({ set }) => <ConfigurationPage key={set} set={decodeURIComponent(set)} />}
      </Route>
      <Route path={paths.replicaSetConfiguration(null)}>
        <ConfigurationPage set={null} />
      </Route>
      <Route path={paths.replicaSet}>
        <ReplicaSetPage operations={(connectionId) => <OperationsPanel connectionId={connectionId} />} />
      </Route>
      <Route path="/replica-set/operations/show/:id">
        {({ id }) => <OperationPage key={id} id={decodeURIComponent(id)} />}
      </Route>
      <Route path={paths.operations}>
        <OperationsPage />
      </Route>
      <Route path="/replica-set/resync/:host">{({ host }) => <ResyncPage host={decodeURIComponent(host)} />}</Route>
      <Route path={paths.resync(null)}>
        <ResyncPage host={null} />
      </Route>
      <Route path="/alerts/show/:id">{({ id }) => <AlertPage key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/alerts/:tab?/:action?/:id?">
        {({ tab, action, id }) => (
          <AlertsPage {...alertsAddress(tab, action, id === undefined ? undefined : decodeURIComponent(id))} />
        )}
      </Route>
      <Route path={paths.newConnection}>
        <ConnectionFormPage key="new" id={null} />
      </Route>
      <Route path="/connections/show/:id/edit">
        {({ id }) => <ConnectionFormPage key={id} id={decodeURIComponent(id)} />}
      </Route>
      <Route path="/connections/show/:id">{({ id }) => <ConnectionPage key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path={paths.connections}>
        <ConnectionsPage />
      </Route>
      <Route path={paths.audit}>
        <AuditPage />
      </Route>
      <Route path={paths.settings}>
        <SettingsPage />
      </Route>
      <Route>
        <Page title="This page does not exist">
          <div>
            <Button onClick={() => goTo(paths.overview)}>Go to the overview</Button>
          </div>
        </Page>
      </Route>
    </Switch>
  );
}

/** The overview; before there is a connection the demo's start or the three doors. */
function Home() {
  const connections = useConnections((state) => state.connections);
  const listError = useConnections((state) => state.error);
  const demo = useApp((state) => state.demo);
  const demoJobId = useApp((state) => state.demoJobId);
  const startError = useApp((state) => state.error);
  const opensOnDemo = useApp((state) => state.opensOnDemo);
  if (!connections || !demo || opensOnDemo === null) {
    return (
      <Page title="Overview">
        {listError ? (
          <ErrorPanel error={listError} onRetry={() => void useConnections.getState().load()} />
        ) : (
          <Waiting for="Reading the saved connections" />
        )}
      </Page>
    );
  }
  if (
    demo.state === 'starting' ||
    (demo.state !== 'running' && connections.length === 0 && (demoJobId || startError)) ||
    (opensOnDemo && demo.state === 'stopped' && !demoJobId && connections.length === 0)
  ) {
    return <DemoStartPage />;
  }
  if (demo.state === 'running' && connections.length === 0) {
    return (
      <Page title="Overview">
        <Waiting for="Connecting to the demo" />
      </Page>
    );
  }
  return connections.length === 0 ? <DoorsPage /> : <OverviewPage />;
}
