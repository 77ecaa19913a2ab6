/** How smoothly the window draws: gaps between its animation frames, and the work of its main thread. */
import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import type { LifeboatApplication } from '../fixtures';

export interface Frames {
  count: number;
  /** Milliseconds between two frames: 95 of 100 were shorter; the longest. */
  gap95: number;
  longestGap: number;
  /**
   * The most processor time of one task of the page's main thread, in milliseconds: how long it blocks the page, whatever
   * else the machine does.
   */
  longestWork: number;
}

const eventSchema = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  /** Microseconds of processor time. */
  tdur: z.number().optional(),
  args: z.object({ name: z.unknown().optional() }).optional(),
});
const traceSchema = z.object({ traceEvents: z.array(eventSchema) });

/** Records what happens until `during` ends. */
export async function recordFrames(
  { window, electron }: LifeboatApplication,
  during: () => Promise<void>,
): Promise<Frames> {
  await electron.evaluate(({ contentTracing }) =>
    contentTracing.startRecording({ included_categories: ['toplevel'], excluded_categories: ['*'] }),
  );
  await window.evaluate(() => {
    const gaps: number[] = [];
    let last: number | null = null;
    let handle = 0;
    const step = (now: number) => {
      if (last !== null) gaps.push(now - last);
      last = now;
      handle = requestAnimationFrame(step);
    };
    handle = requestAnimationFrame(step);
    const stop = () => {
      cancelAnimationFrame(handle);
      return gaps;
    };
    Object.assign(globalThis, { stopFrames: stop });
  });
  await during();
  const gaps = await window.evaluate(() => (globalThis as unknown as { stopFrames: () => number[] }).stopFrames());
  const trace = await electron.evaluate(({ contentTracing }) => contentTracing.stopRecording());
  gaps.sort((a, b) => a - b);
  return {
    count: gaps.length,
    gap95: Math.round(gaps[Math.floor(gaps.length * 0.95)] ?? 0),
    longestGap: Math.round(gaps[gaps.length - 1] ?? 0),
    longestWork: Math.round(await longestWorkIn(trace)),
  };
}

async function longestWorkIn(file: string): Promise<number> {
  try {
    const { traceEvents } = traceSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const thread = ({ pid, tid }: { pid: number; tid: number }) => `${pid} ${tid}`;
    const named = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
    if (named.length === 0) throw new Error('The trace names no main thread of a page.');
    const pages = new Set(named.map(thread));
    const tasks = traceEvents.filter((event) => event.tdur !== undefined && pages.has(thread(event)));
    return tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur / 1000), 0);
  } finally {
    await rm(file, { force: true });
  }
}
