import { subscribe } from '../api';
import { goTo } from '../navigation';
import { useApp } from './app-state';
import { useCatalogue } from './catalogue';
import { useConnections } from './connections';
import { subscribeToJobs } from './jobs';

/** Keeps every shared store true while the window lives. */
export function subscribeToEvents(): () => void {
  const stops = [
    subscribeToJobs(),
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
