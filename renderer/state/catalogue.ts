/** All backups of all stores. */
import { create } from 'zustand';
import { api, asAppError } from '../api';
import type { CatalogueEntry } from '../../shared/backups';
import type { AppError } from '../../shared/result';

interface CatalogueState {
  entries: CatalogueEntry[] | null;
  error: AppError | null;
  load: () => Promise<void>;
}

export const useCatalogue = create<CatalogueState>((set) => ({
  entries: null,
  error: null,
  load: async () => {
    try {
      set({ entries: await api('backups.list'), error: null });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },
}));

/** Damaged, incomplete and unreadable backups are shown, never offered. */
export function isRestorable(entry: CatalogueEntry): boolean {
  return entry.status === 'complete' || entry.status === 'complete-with-warnings';
}

/** Re-read and found good. */
export function isVerified(entry: CatalogueEntry): boolean {
  return isRestorable(entry) && entry.verification !== null && entry.verification.ok;
}

/** Verified, and more than the undo of a restore, which holds only what that restore replaced. */
export function protects(entry: CatalogueEntry): boolean {
  return isVerified(entry) && entry.type !== 'undo';
}
