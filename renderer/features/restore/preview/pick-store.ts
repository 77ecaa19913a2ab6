/** The ticks of the preview that is looked at; positions mean nothing in another one. */
import { useMemo } from 'react';
import { create } from 'zustand';
import type { PickedDocuments } from '../../../../shared/picks';
import type { Preview } from '../../../../shared/restore';
import { api } from '../../../api';
import { noTicks, pickOf, ticksOf, type Ticks } from './pick-state';

interface PickStore {
  previewId: string | null;
  byNamespace: ReadonlyMap<string, Ticks>;
  /** Documents whose ticks were not taken over from the preview before a refresh. */
  lost: number;
  /** Changes the ticks of a namespace (by its name in the backup); those of another preview are forgotten. */
  change: (previewId: string, ns: string, change: (ticks: Ticks) => Ticks) => void;
}

const none: ReadonlyMap<string, Ticks> = new Map();

export const usePickStore = create<PickStore>((set) => ({
  previewId: null,
  byNamespace: none,
  lost: 0,
  change: (previewId, ns, change) =>
    set((before) => {
      const known = before.previewId === previewId ? before.byNamespace : none;
      const lost = before.previewId === previewId ? before.lost : 0;
      return { previewId, lost, byNamespace: new Map(known).set(ns, change(known.get(ns) ?? noTicks)) };
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

/** How many ticks were not taken over into a preview. */
export function useLostTicks(previewId: string): number {
  return usePickStore((state) => (state.previewId === previewId ? state.lost : 0));
}

/** Takes the ticks of a preview over into the one that it was refreshed to. */
export async function carryTicks(from: string, { id, result }: Preview): Promise<void> {
  const picks = picksOf(from);
  if (picks.length === 0) return;
  const carried = await api('restore.carry-picks', { from, to: id, picks });
  const byNamespace = new Map<string, Ticks>();
  for (const pick of carried.picks) {
    const counts = result.namespaces.find(({ ns }) => ns === pick.ns)?.documents;
    if (counts) byNamespace.set(pick.ns, ticksOf(counts, pick));
  }
  usePickStore.setState({ previewId: id, byNamespace, lost: carried.lost });
}
