import { create } from 'zustand';
import { emptyBackupDraft, type BackupDraft } from './backup-draft';

export const wizardSteps = ['Connection', 'Scope', 'Options', 'Review', 'Result'] as const;

interface WizardState {
  step: number;
  /** The furthest step that was open. */
  reached: number;
  draft: BackupDraft;
  jobId: string | null;
  change: (patch: Partial<BackupDraft>) => void;
  goToStep: (step: number) => void;
  started: (jobId: string) => void;
  /** A new backup; keeps the connection. */
  restart: () => void;
}

/** Outlives the page, so that the wizard can be left and resumed. */
export const useBackupWizard = create<WizardState>((set) => ({
  step: 0,
  reached: 0,
  draft: emptyBackupDraft,
  jobId: null,
  change: (patch) => set(({ draft }) => ({ draft: { ...draft, ...patch } })),
  goToStep: (step) => set(({ reached }) => ({ step, reached: Math.max(reached, step) })),
  started: (jobId) => set({ jobId, step: wizardSteps.length - 1, reached: wizardSteps.length - 1 }),
  restart: () =>
    set(({ draft }) => ({
      step: 0,
      reached: 0,
      jobId: null,
      draft: { ...emptyBackupDraft, connectionId: draft.connectionId },
    })),
}));
