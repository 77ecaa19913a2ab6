import { subscribe } from '../api';
import { goTo } from '../navigation';
import { subscribeToAlerts } from './alerts';
import { useApp } from './app-state';
import { useCatalogue } from './catalogue';
import { isFinished } from '../../shared/jobs';
import { useConnections } from './connections';
import { subscribeToHealth } from './health';
import { subscribeToJobs } from './jobs';
import { useOperations } from './operations';
import { useRestores } from './restores';

/** Keeps every shared store true while the window lives. */
export function subscribeToEvents(): () => void {
  const stops = [
    subscribeToJobs(),
    subscribeToHealth(),
    subscribeToAlerts(),
    subscribe('job.changed', ({ kind, status }) => {
      if (kind === 'restore' && isFinished(status)) void useRestores.getState().load();
      if (kind === 'operation' && isFinished(status)) void useOperations.getState().load();
    }),
    subscribe('catalogue.changed', () => void useCatalogue.getState().load()),
    subscribe('connections.changed', () => void useConnections.getState().load()),
    subscribe('demo.changed', (demo) => {
      useApp.setState({ demo });
      void useConnections.getState().load();
    }),
    subscribe('settings.changed', (settings) => useApp.setState({ settings })),
    subscribe('navigate', ({ path }) => goTo(path)),
  ];
  return () => stops.forEach((stop) => stop());
}
