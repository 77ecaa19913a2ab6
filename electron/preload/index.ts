/** Puts the contract on `window.lifeboat`: two functions that know its names, and the path of a dropped file. */
import { contextBridge, ipcRenderer } from 'electron';
import type { EventName, LifeboatBridge } from '../../shared/contract';
import { pathOfDroppedFile } from './dropped-file';

// A record, so that an event the contract gains or loses fails the type check here.
const events: Record<EventName, true> = {
  'job.changed': true,
  'job.log': true,
  'catalogue.changed': true,
  'connections.changed': true,
  'demo.changed': true,
  'settings.changed': true,
  'profiling.changed': true,
  'capture.changed': true,
  'capture.removed': true,
  'health.changed': true,
  'health.events': true,
  'alerts.changed': true,
  'channels.changed': true,
  navigate: true,
};

type Listener = (payload: never) => void;
const listeners = new Map<string, Set<Listener>>();

ipcRenderer.on('lifeboat:event', (_event, ...[name, payload]: unknown[]) => {
  if (typeof name !== 'string') return;
  for (const listener of listeners.get(name) ?? []) listener(payload as never);
});

const bridge: LifeboatBridge = {
  request: (name, input) => ipcRenderer.invoke('lifeboat:request', name, input),
  subscribe: (name, listener) => {
    if (!Object.prototype.hasOwnProperty.call(events, name)) return () => undefined;
    const registered = listeners.get(name) ?? new Set<Listener>();
    listeners.set(name, registered);
    registered.add(listener);
    return () => {
      registered.delete(listener);
    };
  },
  pathOfFile: pathOfDroppedFile,
};

contextBridge.exposeInMainWorld('lifeboat', bridge);
