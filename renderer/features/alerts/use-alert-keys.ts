import { useEffect, useRef } from 'react';

/** Single keys of this page, outside of fields and dialogs; null: nothing to be done by it now. */
export function useAlertKeys(keys: Readonly<Record<string, (() => void) | null>>): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    let afterPrefix = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest('input, textarea, select, [contenteditable="true"]')) return;
      if (document.querySelector('[role="dialog"]')) return;
      // `g a` and `g s` go to pages.
      const isSecond = Date.now() - afterPrefix < prefixMs;
      afterPrefix = event.key === 'g' && !isSecond ? Date.now() : 0;
      const run = isSecond ? null : latest.current[event.key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** As long as the window's own shortcuts wait for their second key. */
const prefixMs = 1200;
