/** What the indexes page keeps while the window looks at something else. */
import { create } from 'zustand';
import type { IndexDefinition } from '../../../shared/indexes';

interface IndexesState {
  /** By connection id. */
  databases: Record<string, string>;
  tab: 'review' | 'plan';
  planText: string;
  chooseDatabase: (connectionId: string, database: string) => void;
  setTab: (tab: IndexesState['tab']) => void;
  setPlanText: (text: string) => void;
  /** Opens the plan with one index to be built. */
  planIndex: (ns: string, definition: IndexDefinition) => void;
}

export const useIndexes = create<IndexesState>((set) => ({
  databases: {},
  tab: 'review',
  planText: '',
  chooseDatabase: (connectionId, database) =>
    set(({ databases }) => ({ databases: { ...databases, [connectionId]: database } })),
  setTab: (tab) => set({ tab }),
  setPlanText: (planText) => set({ planText }),
  planIndex: (ns, definition) => set({ tab: 'plan', planText: planText(ns, definition) }),
}));

function planText(ns: string, { name, key, options }: IndexDefinition): string {
  const dot = ns.indexOf('.');
  const index = { name, key: Object.fromEntries(key.map(({ field, direction }) => [field, direction])), ...options };
  const collections = [{ collection: ns.slice(dot + 1), indexes: [index] }];
  return JSON.stringify(
    { kind: 'lifeboat-index-plan', formatVersion: 1, database: ns.slice(0, dot), collections },
    null,
    2,
  );
}
