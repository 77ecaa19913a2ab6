/** Every command of the window: what the palette offers and the shortcuts sheet lists. */
import type { OperationKind } from '../../shared/operations';
import { goTo, paths } from '../navigation';
import { useApp } from '../state/app-state';
import { useConnections } from '../state/connections';
import { useHealth } from '../state/health';
import { useJobs } from '../state/jobs';
import { askForOperation } from '../state/operations';
import { pageEntries } from './pages';
import type { ThemeChoice } from './use-theme-choice';

export interface Command {
  id: string;
  group: 'Go to' | 'Actions' | 'Connection' | 'Replica set' | 'Demo' | 'View';
  label: string;
  description?: string;
  shortcut?: string;
  run: () => void;
}

interface CommandContext {
  setTheme: (theme: ThemeChoice) => void;
  showShortcuts: () => void;
}

/** Commands that make sense now. */
export function listCommands({ setTheme, showShortcuts }: CommandContext): Command[] {
  const { connections, currentId, choose, test } = useConnections.getState();
  const { demo, startDemo, stopDemo, setWorkload } = useApp.getState();
  const { trayOpen, setTrayOpen, clearFinished } = useJobs.getState();
  const commands: Command[] = [
    ...pageEntries.map((page): Command => ({
      id: `go-${page.path}`,
      group: 'Go to',
      label: page.label,
      shortcut: `g ${page.key}`,
      run: () => goTo(page.path),
    })),
    { id: 'backup', group: 'Actions', label: 'Back up…', shortcut: 'b', run: () => goTo(paths.newBackup) },
    { id: 'restore', group: 'Actions', label: 'Restore…', shortcut: 'r', run: () => goTo(paths.restore) },
    { id: 'restore-history', group: 'Go to', label: 'Restore history', run: () => goTo(paths.restoreHistory) },
    { id: 'alert-rules', group: 'Go to', label: 'Alert rules', run: () => goTo(paths.alertRules) },
    { id: 'past-alerts', group: 'Go to', label: 'Past alerts', run: () => goTo(paths.pastAlerts) },
    { id: 'silences', group: 'Go to', label: 'Silences', run: () => goTo(paths.silences) },
    { id: 'alert-rule', group: 'Actions', label: 'New alert rule…', run: () => goTo(paths.newAlertRule) },
    { id: 'import', group: 'Actions', label: 'Import a dump…', run: () => goTo(`${paths.backups}/import`) },
    {
      id: 'profile',
      group: 'Actions',
      label: 'Find slow queries: profile…',
      shortcut: 'p',
      run: () => goTo(`${paths.slowQueries}/profile`),
    },
    { id: 'connect', group: 'Actions', label: 'Add a connection…', run: () => goTo(paths.newConnection) },
    {
      id: 'jobs',
      group: 'View',
      label: trayOpen ? 'Close the job list' : 'Show all jobs',
      shortcut: 'j',
      run: () => setTrayOpen(!trayOpen),
    },
    { id: 'clear-jobs', group: 'Actions', label: 'Clear finished jobs', run: () => void clearFinished() },
    { id: 'theme-dark', group: 'View', label: 'Dark theme', run: () => setTheme('dark') },
    { id: 'theme-light', group: 'View', label: 'Light theme', run: () => setTheme('light') },
    { id: 'theme-system', group: 'View', label: 'Theme of the system', run: () => setTheme('system') },
    { id: 'shortcuts', group: 'View', label: 'Keyboard shortcuts', shortcut: '?', run: showShortcuts },
  ];
  for (const connection of connections ?? []) {
    if (connection.id === currentId) continue;
    commands.push({
      id: `choose-${connection.id}`,
      group: 'Connection',
      label: `Switch to ${connection.name}`,
      description: connection.environment,
      run: () => choose(connection.id),
    });
  }
  if (currentId) {
    commands.push({
      id: 'test',
      group: 'Connection',
      label: 'Test the current connection',
      run: () => {
        void test(currentId);
        goTo(paths.connection(currentId));
      },
    });
    commands.push(...operationCommands(currentId));
  }
  if (demo?.state === 'running') {
    const paused = demo.workload !== 'running';
    commands.push(
      {
        id: 'demo-workload',
        group: 'Demo',
        label: paused ? 'Resume the demo workload' : 'Pause the demo workload',
        run: () => void setWorkload(paused),
      },
      { id: 'demo-stop', group: 'Demo', label: 'Stop the demo', run: () => void stopDemo() },
    );
  } else if (demo && demo.state !== 'starting') {
    commands.push({
      id: 'demo-start',
      group: 'Demo',
      label: 'Start the demo',
      run: () => {
        void startDemo();
        goTo(paths.overview);
      },
    });
  }
  return commands;
}

const operations: readonly { kind: OperationKind; label: (name: string) => string }[] = [
  { kind: 'failover-test', label: (name) => `Failover test of ${name}…` },
  { kind: 'step-down', label: (name) => `Step down the primary of ${name}…` },
  { kind: 'freeze', label: (name) => `Freeze or unfreeze a member of ${name}…` },
  { kind: 'reconfigure', label: (name) => `Reconfigure ${name}…` },
  { kind: 'add-member', label: (name) => `Add a member to ${name}…` },
  { kind: 'remove-member', label: (name) => `Remove a member of ${name}…` },
  { kind: 'replace-member', label: (name) => `Replace a member of ${name}…` },
  { kind: 'compact', label: (name) => `Compact collections of ${name}…` },
];

/** Operations on the sets of a connection; none where it is known to have no set. */
function operationCommands(connectionId: string): Command[] {
  const { connections, tests } = useConnections.getState();
  const connection = connections?.find(({ id }) => id === connectionId);
  const topology = useHealth.getState().deployments?.[connectionId]?.sample?.topology;
  if (!connection || (topology ?? tests[connectionId]?.result?.deployment?.topology) === 'standalone') return [];
  return [
    ...operations.map(({ kind, label }): Command => ({
      id: `operation-${kind}`,
      group: 'Replica set',
      label: label(connection.name),
      run: () => askForOperation({ connectionId, set: null, kind, host: null }),
    })),
    {
      id: 'replica-set-configuration',
      group: 'Go to',
      label: 'Configuration of the replica set',
      run: () => goTo(paths.replicaSetConfiguration(null)),
    },
    { id: 'resync', group: 'Replica set', label: 'Resync a member: guide', run: () => goTo(paths.resync(null)) },
    { id: 'operations', group: 'Go to', label: 'Operations on replica sets', run: () => goTo(paths.operations) },
  ];
}
