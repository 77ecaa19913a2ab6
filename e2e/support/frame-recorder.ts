/** How smoothly a page draws: gaps between its animation frames, and tasks that kept its main thread. */
import type { Page } from '@playwright/test';

export interface Frames {
  count: number;
  /** Milliseconds between two frames: 95 of 100 were shorter; the longest. */
  gap95: number;
  longestGap: number;
  /** The longest task of the page's main thread, in milliseconds; 0 where none took 50 or more. */
  longestTask: number;
}

interface Recorder {
  stop: () => Frames;
}

/** Records what happens until `during` ends. */
export async function recordFrames(page: Page, during: () => Promise<void>): Promise<Frames> {
  await page.evaluate(() => {
    const gaps: number[] = [];
    let longestTask = 0;
    let last = performance.now();
    let handle = 0;
    const step = (now: number) => {
      gaps.push(now - last);
      last = now;
      handle = requestAnimationFrame(step);
    };
    handle = requestAnimationFrame((now) => {
      last = now;
      handle = requestAnimationFrame(step);
    });
    const note = (entries: readonly PerformanceEntry[]) => {
      for (const { duration } of entries) longestTask = Math.max(longestTask, duration);
    };
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ entryTypes: ['longtask'] });
    const stop = () => {
      cancelAnimationFrame(handle);
      note(observer.takeRecords());
      observer.disconnect();
      gaps.sort((a, b) => a - b);
      return {
        count: gaps.length,
        gap95: Math.round(gaps[Math.floor(gaps.length * 0.95)] ?? 0),
        longestGap: Math.round(gaps[gaps.length - 1] ?? 0),
        longestTask: Math.round(longestTask),
      };
    };
    Object.assign(globalThis, { frameRecorder: { stop } satisfies Recorder });
  });
  await during();
  return page.evaluate(() => (globalThis as unknown as { frameRecorder: Recorder }).frameRecorder.stop());
}
