/** Saved connections, which of them the window looks at, and what the last test of each said. */
import { create } from 'zustand';
import { api, asAppError } from '../api';
import type { Connection, ConnectionTest } from '../../shared/connections';
import type { AppError } from '../../shared/result';

export interface TestState {
  running: boolean;
  result: ConnectionTest | null;
  /** When `result` arrived: its numbers are of then. */
  at: Date | null;
  error: AppError | null;
}

interface ConnectionsState {
  connections: Connection[] | null;
  error: AppError | null;
  currentId: string | null;
  tests: Record<string, TestState>;
  load: () => Promise<void>;
  choose: (id: string) => void;
  test: (id: string) => Promise<void>;
  forgetTest: (id: string) => void;
}

const currentKey = 'lifeboat.connection';
/** Of a connection that was not tested since the window opened. */
export const untestedState: TestState = { running: false, result: null, at: null, error: null };

export const useConnections = create<ConnectionsState>((set, get) => ({
  connections: null,
  error: null,
  currentId: window.localStorage.getItem(currentKey),
  tests: {},

  load: async () => {
    try {
      const connections = await api('connections.list');
      const { currentId } = get();
      const stillThere = connections.some((connection) => connection.id === currentId);
      set({ connections, error: null, currentId: stillThere ? currentId : (connections[0]?.id ?? null) });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  choose: (id) => {
    window.localStorage.setItem(currentKey, id);
    set({ currentId: id });
  },

  test: async (id) => {
    const before = get().tests[id] ?? untestedState;
    if (before.running) return;
    const put = (state: TestState) => set(({ tests }) => ({ tests: { ...tests, [id]: state } }));
    put({ ...before, running: true });
    try {
      const result = await api('connections.test', { id });
      put({ running: false, result, at: new Date(), error: null });
    } catch (thrown) {
      put({ running: false, result: null, at: new Date(), error: asAppError(thrown) });
    }
  },

  forgetTest: (id) =>
    set(({ tests }) => ({ tests: Object.fromEntries(Object.entries(tests).filter(([tested]) => tested !== id)) })),
}));

export function useCurrentConnection(): Connection | null {
  return useConnections(
    ({ connections, currentId }) => connections?.find((connection) => connection.id === currentId) ?? null,
  );
}

export function useConnection(id: string | null): Connection | null {
  return useConnections(({ connections }) => connections?.find((connection) => connection.id === id) ?? null);
}

export function useTestOf(id: string | null): TestState {
  return useConnections(({ tests }) => (id === null ? undefined : tests[id]) ?? untestedState);
}
