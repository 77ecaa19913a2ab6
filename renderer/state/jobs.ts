/** Jobs of every process, kept true by events. */
import { useEffect, useMemo, useRef } from 'react';
import { create } from 'zustand';
import { api, asAppError, subscribe } from '../api';
import { isFinished, type Job } from '../../shared/jobs';
import type { AppError } from '../../shared/result';

const logLines = 2000;

interface JobsState {
  jobs: Record<string, Job>;
  logs: Record<string, string[]>;
  error: AppError | null;
  trayOpen: boolean;
  /** The job whose log is open in the tray. */
  openJobId: string | null;
  load: () => Promise<void>;
  loadLog: (id: string) => Promise<void>;
  cancel: (id: string) => Promise<void>;
  clearFinished: () => Promise<void>;
  setTrayOpen: (open: boolean) => void;
  showJob: (id: string | null) => void;
}

export const useJobs = create<JobsState>((set) => ({
  jobs: {},
  logs: {},
  error: null,
  trayOpen: false,
  openJobId: null,

  load: async () => {
    try {
      const jobs = await api('jobs.list');
      set({ jobs: Object.fromEntries(jobs.map((job) => [job.id, job])), error: null });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  loadLog: async (id) => {
    try {
      const log = await api('jobs.log', { id });
      set(({ logs }) => ({ logs: { ...logs, [id]: log.split('\n').slice(-logLines) } }));
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  cancel: async (id) => {
    try {
      await api('jobs.cancel', { id });
      set({ error: null });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  clearFinished: async () => {
    try {
      await api('jobs.clear-finished');
      set(({ jobs }) => ({
        error: null,
        openJobId: null,
        jobs: Object.fromEntries(Object.entries(jobs).filter(([, job]) => !isFinished(job.status))),
      }));
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  setTrayOpen: (trayOpen) => set({ trayOpen }),
  showJob: (openJobId) => set({ openJobId, trayOpen: true }),
}));

/** Applies one event; also used for the answer of a request that came before its events. */
function applyJob(job: Job): void {
  useJobs.setState(({ jobs }) => ({ jobs: { ...jobs, [job.id]: job } }));
}

function applyLogLines(jobId: string, lines: string[]): void {
  useJobs.setState(({ logs }) => {
    const known = logs[jobId];
    // A log that was never opened is read from the start when it is.
    return known ? { logs: { ...logs, [jobId]: [...known, ...lines].slice(-logLines) } } : {};
  });
}

export function useJob(id: string | null): Job | null {
  return useJobs(({ jobs }) => (id === null ? null : (jobs[id] ?? null)));
}

/** Newest first. */
export function useJobList(): Job[] {
  const jobs = useJobs((state) => state.jobs);
  return useMemo(
    () => Object.values(jobs).sort((left, right) => right.createdAt.localeCompare(left.createdAt)),
    [jobs],
  );
}

/** Calls back once, when the job ends, also when it had ended before. */
export function useWhenJobEnds(id: string | null, onEnd: (job: Job) => void): void {
  const job = useJob(id);
  const ended = job !== null && isFinished(job.status) ? job : null;
  const told = useRef<string | null>(null);
  useEffect(() => {
    if (!ended || told.current === ended.id) return;
    told.current = ended.id;
    onEnd(ended);
  }, [ended, onEnd]);
}

export function subscribeToJobs(): () => void {
  const stops = [
    subscribe('job.changed', applyJob),
    subscribe('job.log', ({ jobId, lines }) => applyLogLines(jobId, lines)),
  ];
  return () => stops.forEach((stop) => stop());
}
