import { useEffect, useLayoutEffect, useState, type RefObject } from 'react';

/** Drawn before it scrolls into sight, in pixels. */
const margin = 120;

function isNear(element: HTMLElement): boolean {
  const box = element.getBoundingClientRect();
  const sight = element.closest('main')?.getBoundingClientRect();
  return sight !== undefined && box.bottom > sight.top - margin && box.top < sight.bottom + margin;
}

/** Whether an element is in sight of the page, or nearly. */
export function useNearness(ref: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  // What is in sight at first is known before it is painted: waiting to be told would read the history a frame later.
  useLayoutEffect(() => {
    if (ref.current) setNear(isNear(ref.current));
  }, [ref]);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    // Of several turns that are told at once the last one holds.
    const observer = new IntersectionObserver((turns) => setNear(turns.at(-1)?.isIntersecting ?? false), {
      root: element.closest('main'),
      rootMargin: `${margin}px`,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return near;
}
