/** Restores so far, of every target. */
import { useMemo } from 'react';
import { create } from 'zustand';
import { api, asAppError } from '../api';
import type { RestoreSummary } from '../../shared/restore';
import type { AppError } from '../../shared/result';

interface RestoresState {
  /** Newest first. */
  summaries: RestoreSummary[] | null;
  error: AppError | null;
  load: () => Promise<void>;
}

export const useRestores = create<RestoresState>((set) => ({
  summaries: null,
  error: null,
  load: async () => {
    try {
      set({ summaries: await api('restore.list'), error: null });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },
}));

/** Those whose process ended before they did: each waits for a decision. */
export function useInterruptedRestores(): RestoreSummary[] {
  const summaries = useRestores((state) => state.summaries);
  return useMemo(() => (summaries ?? []).filter(({ state }) => state === 'interrupted'), [summaries]);
}
