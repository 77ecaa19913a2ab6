/** The ticks of the preview that is looked at; positions mean nothing in another one. */
import { useMemo } from 'react';
import { create } from 'zustand';
import type { PickedDocuments } from '../../../../shared/picks';
import { noTicks, pickOf, type Ticks } from './pick-state';

interface PickStore {
  previewId: string | null;
  byNamespace: ReadonlyMap<string, Ticks>;
  /** Changes the ticks of a namespace (by its name in the backup); those of another preview are forgotten. */
  change: (previewId: string, ns: string, change: (ticks: Ticks) => Ticks) => void;
}

const none: ReadonlyMap<string, Ticks> = new Map();

export const usePickStore = create<PickStore>((set) => ({
  previewId: null,
  byNamespace: none,
  change: (previewId, ns, change) =>
    set((before) => {
      const known = before.previewId === previewId ? before.byNamespace : none;
      return { previewId, byNamespace: new Map(known).set(ns, change(known.get(ns) ?? noTicks)) };
    }),
}));

export function useTicks(previewId: string, ns: string): Ticks {
  return usePickStore((state) => (state.previewId === previewId ? (state.byNamespace.get(ns) ?? noTicks) : noTicks));
}

function picksIn(byNamespace: ReadonlyMap<string, Ticks>): PickedDocuments[] {
  return [...byNamespace].flatMap(([ns, ticks]) => pickOf(ns, ticks) ?? []);
}

/** All that is ticked in a preview, as `restore.apply` takes it. */
export function picksOf(previewId: string): PickedDocuments[] {
  const state = usePickStore.getState();
  return state.previewId === previewId ? picksIn(state.byNamespace) : [];
}

/** {@link picksOf}, kept true while ticks change. */
export function usePicks(previewId: string): PickedDocuments[] {
  const byNamespace = usePickStore((state) => (state.previewId === previewId ? state.byNamespace : none));
  return useMemo(() => picksIn(byNamespace), [byNamespace]);
}
