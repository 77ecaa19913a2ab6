/** The restore in progress; outlives the page, so that it can be left and resumed. */
import { create } from 'zustand';
import type { RestoreMode } from '../../../shared/diff';
import type { MetadataChoice, Preview, PreviewRequest, Rename, RestoreResult } from '../../../shared/restore';
import type { AppError } from '../../../shared/result';
import { api, asAppError } from '../../api';
import { carryTicks, picksOf } from './preview/pick-store';

export const restoreSteps = ['Backup', 'Target', 'Preview', 'Apply', 'Proof'] as const;
export const stepOf = { backup: 0, target: 1, preview: 2, apply: 3, proof: 4 } as const;

interface RestoreState {
  step: number;
  reached: number;
  backupId: string | null;
  connectionId: string | null;
  /** Null: all of the backup. */
  namespaces: readonly string[] | null;
  renames: readonly Rename[];
  readPreference: PreviewRequest['readPreference'];
  /** `host:port` of the one member whose documents are read; null: as the read preference says. */
  member: string | null;
  mode: RestoreMode;
  /** Null: as the mode does by itself. */
  metadata: MetadataChoice | null;
  /** Whether what is overwritten or deleted is saved first. */
  undo: boolean;
  previewJobId: string | null;
  preview: Preview | null;
  /** The preview that is being refreshed: the comparison takes over from it what was not written since. */
  earlier: Preview | null;
  applyJobId: string | null;
  result: RestoreResult | null;
  error: AppError | null;

  goToStep: (step: number) => void;
  chooseBackup: (backupId: string) => void;
  changeTarget: (
    patch: Partial<Pick<RestoreState, 'connectionId' | 'namespaces' | 'renames' | 'readPreference' | 'member'>>,
  ) => void;
  setMode: (mode: RestoreMode) => void;
  setMetadata: (metadata: MetadataChoice | null) => void;
  setUndo: (undo: boolean) => void;
  /** `full`: every document is read, also where the oplog tells which ones changed. */
  startPreview: (options?: { full: boolean }) => Promise<void>;
  /** Previews the undo of a restore: what was replaced or deleted comes back, what was inserted goes. */
  previewUndo: (restoreId: string, connectionId?: string | null) => Promise<void>;
  /** Goes on with a restore that was cut off. Throws what the services refuse. */
  continueRestore: (restoreId: string, connectionId: string | null, typedName: string | null) => Promise<void>;
  /** Compares again: what was written since, or all that an undo would put back. */
  refreshPreview: () => Promise<void>;
  /** Looks at the preview from before a refresh again. */
  keepEarlier: () => void;
  loadPreview: (previewId: string) => Promise<void>;
  apply: (typedName: string | null) => Promise<void>;
  loadResult: (restoreId: string) => Promise<void>;
  restart: () => void;
}

const fresh = {
  step: 0,
  reached: 0,
  backupId: null,
  connectionId: null,
  namespaces: null,
  renames: [],
  readPreference: 'primary' as const,
  member: null,
  mode: 'clone' as const,
  metadata: null,
  undo: true,
  previewJobId: null,
  preview: null,
  earlier: null,
  applyJobId: null,
  result: null,
  error: null,
};

// A preview keeps its differing documents on disk until it is closed; failing to close it is nothing to tell the user.
function closePreviews(...previews: (Preview | null)[]): void {
  for (const preview of previews) {
    if (preview) api('restore.close-preview', { previewId: preview.id }).catch(() => undefined);
  }
}

export const useRestore = create<RestoreState>((set, get) => ({
  ...fresh,

  goToStep: (step) => set(({ reached }) => ({ step, reached: Math.max(reached, step), error: null })),

  chooseBackup: (backupId) => {
    if (backupId === get().backupId) return;
    closePreviews(get().preview, get().earlier);
    set(({ connectionId, step }) => ({ ...fresh, connectionId, step, backupId }));
  },

  changeTarget: (patch) => {
    closePreviews(get().preview, get().earlier);
    set({ ...patch, preview: null, earlier: null, previewJobId: null, reached: stepOf.target, error: null });
  },

  setMode: (mode) => set({ mode, metadata: null, undo: true, error: null }),
  setMetadata: (metadata) => set({ metadata, error: null }),
  setUndo: (undo) => set({ undo, error: null }),

  startPreview: async ({ full } = { full: false }) => {
    const { backupId, connectionId, namespaces, renames, readPreference, member, mode, preview, earlier } = get();
    if (backupId === null || connectionId === null || namespaces?.length === 0) return;
    set({ error: null });
    try {
      const { jobId } = await api('restore.preview', {
        backupId,
        connectionId,
        namespaces: [...(namespaces ?? [])],
        renames: renames.filter(({ from, to }) => from !== '' && to !== ''),
        mode,
        readPreference,
        member,
        full,
        details: 'always',
      });
      // Comparing the same once more keeps the ticks, which are of the earlier preview.
      const kept = full ? preview : null;
      closePreviews(kept === null ? preview : null, earlier);
      set({ previewJobId: jobId, preview: null, earlier: kept, step: stepOf.preview, reached: stepOf.preview });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  previewUndo: async (restoreId, connectionId = null) => {
    const { preview, earlier } = get();
    set({ error: null });
    try {
      const { jobId } = await api('restore.undo-preview', { restoreId, connectionId });
      closePreviews(preview, earlier);
      // An undo is the exact restore of what its restore saved.
      const begun = {
        previewJobId: jobId,
        preview: null,
        earlier: null,
        applyJobId: null,
        result: null,
        mode: 'exact' as const,
        metadata: null,
        undo: true,
      };
      set({ ...begun, step: stepOf.preview, reached: stepOf.preview });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  continueRestore: async (restoreId, connectionId, typedName) => {
    const { jobId } = await api('restore.continue', { restoreId, connectionId, typedName });
    closePreviews(get().preview, get().earlier);
    set({ ...fresh, applyJobId: jobId, step: stepOf.proof, reached: stepOf.proof });
  },

  refreshPreview: async () => {
    const preview = get().preview ?? get().earlier;
    if (!preview) return get().startPreview();
    if (preview.undoOf !== null) return get().previewUndo(preview.undoOf, preview.request.connectionId);
    set({ error: null });
    try {
      const { jobId } = await api('restore.refresh-preview', { previewId: preview.id });
      set({ previewJobId: jobId, preview: null, earlier: preview, step: stepOf.preview, reached: stepOf.preview });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  keepEarlier: () => set(({ preview, earlier }) => ({ preview: preview ?? earlier, earlier: null, error: null })),

  loadPreview: async (previewId) => {
    if (get().preview?.id === previewId) return;
    try {
      const preview = await api('restore.preview-result', { previewId });
      const { earlier } = get();
      const error = earlier ? await carryTicks(earlier.id, preview).then(() => null, asAppError) : null;
      closePreviews(earlier);
      set({ preview, earlier: null, error });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  apply: async (typedName) => {
    const { preview, mode, metadata, undo } = get();
    if (!preview) return;
    set({ error: null });
    try {
      const picks = mode === 'pick' ? picksOf(preview.id) : [];
      const { jobId } = await api('restore.apply', {
        previewId: preview.id,
        mode,
        namespaces: [],
        typedName,
        picks,
        metadata,
        undo,
      });
      set({ applyJobId: jobId, result: null, step: stepOf.proof, reached: stepOf.proof });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  loadResult: async (restoreId) => {
    if (get().result?.restoreId === restoreId) return;
    try {
      set({ result: await api('restore.result', { restoreId }), error: null });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  restart: () => {
    closePreviews(get().preview, get().earlier);
    set(fresh);
  },
}));
