/** What the whole window knows: the application itself, its settings, the demo. */
import { create } from 'zustand';
import { api, asAppError } from '../api';
import type { AppInfo } from '../../shared/contract';
import type { AppError } from '../../shared/result';
import type { Settings, SettingsPatch } from '../../shared/settings';
import type { DemoStatus } from '../../shared/toolchain';

interface AppState {
  info: AppInfo | null;
  settings: Settings | null;
  demo: DemoStatus | null;
  /** The job that brings the demo up. */
  demoJobId: string | null;
  /** Whether this start opens on the demo; null until the connections are known. */
  opensOnDemo: boolean | null;
  error: AppError | null;
  load: () => Promise<void>;
  updateSettings: (patch: SettingsPatch) => Promise<void>;
  startDemo: () => Promise<void>;
  stopDemo: () => Promise<void>;
  setWorkload: (running: boolean) => Promise<void>;
}

export const useApp = create<AppState>((set) => {
  const guarded = async (action: () => Promise<void>) => {
    try {
      await action();
      set({ error: null });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  };
  return {
    info: null,
    settings: null,
    demo: null,
    demoJobId: null,
    opensOnDemo: null,
    error: null,

    load: () =>
      guarded(async () => {
        const [info, settings, demo] = await Promise.all([api('app.info'), api('settings.get'), api('demo.status')]);
        set({ info, settings, demo });
      }),

    // Throws, so that the field that asked shows the error beside itself.
    updateSettings: async (patch) => {
      set({ settings: await api('settings.update', patch) });
    },

    startDemo: () =>
      guarded(async () => {
        const { jobId } = await api('demo.start');
        set({ demoJobId: jobId });
      }),

    stopDemo: () =>
      guarded(async () => {
        await api('demo.stop');
        // Stopped on purpose: what comes next is the user's choice again.
        set({ demoJobId: null, opensOnDemo: false });
      }),

    setWorkload: (running) =>
      guarded(async () => {
        set({ demo: await api('demo.set-workload', { running }) });
      }),
  };
});
