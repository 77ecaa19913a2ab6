/**
 * Operations on replica sets: which one is asked for, and what became of earlier ones. Every page, menu and palette asks
 * through {@link askForOperation}; the dialog that answers is part of the window's frame and stays open over other pages.
 */
import { useMemo } from 'react';
import { create } from 'zustand';
import { api, asAppError } from '../api';
import type { OperationKind, OperationOutcome } from '../../shared/operations';
import type { AppError } from '../../shared/result';

export interface AskedOperation {
  connectionId: string;
  /** Null: the only set of the deployment, or the one the user chooses. */
  set: string | null;
  kind: OperationKind;
  /** The member it is about, where one is known already. */
  host: string | null;
}

interface OperationsState {
  asked: AskedOperation | null;
  /** Newest first, of every connection; null until read. */
  outcomes: OperationOutcome[] | null;
  error: AppError | null;
  load: () => Promise<void>;
}

export const useOperations = create<OperationsState>((set) => ({
  asked: null,
  outcomes: null,
  error: null,
  load: async () => {
    try {
      set({ outcomes: await api('operations.list'), error: null });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },
}));

/** Opens the dialog of an operation: parameters, preview, guard, run, outcome. Nothing is done before its last click. */
export function askForOperation(asked: AskedOperation): void {
  useOperations.setState({ asked });
}

export function closeOperation(): void {
  useOperations.setState({ asked: null });
}

/** Operations on the sets of a connection, newest first. Null until read. */
export function useOutcomesOf(connectionId: string): OperationOutcome[] | null {
  const outcomes = useOperations((state) => state.outcomes);
  return useMemo(
    () => outcomes?.filter((outcome) => outcome.connectionId === connectionId) ?? null,
    [outcomes, connectionId],
  );
}
