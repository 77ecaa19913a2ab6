import { useEffect } from 'react';
import { goTo } from '../navigation';

/** Escape goes back to the list a page was opened from, where nothing else wants the key. */
export function useEscapeBack(path: string): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest('input:not([type="radio"], [type="checkbox"]), textarea')) return;
      const above = [...document.querySelectorAll('[role="dialog"], [role="listbox"], [role="menu"]')];
      if (above.some((element) => element.getClientRects().length > 0)) return;
      goTo(path);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [path]);
}
