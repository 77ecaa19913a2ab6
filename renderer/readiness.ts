import { useEffect } from 'react';
import { api } from './api';

let told = false;

/** Tells the main process once that the window shows its first data. */
export function useReady(page: string, ready: boolean): void {
  useEffect(() => {
    if (!ready || told) return;
    told = true;
    // Two frames: what React committed is on the screen then.
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        api('app.ready', { page }).catch(() => {
          told = false;
        });
      });
    });
  }, [page, ready]);
}
