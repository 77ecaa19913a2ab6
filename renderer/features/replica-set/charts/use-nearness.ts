import { useEffect, useState, type RefObject } from 'react';

/** Drawn before it scrolls into sight. */
const margin = '120px';

/** Whether an element is in sight of the page, or nearly. */
export function useNearness(ref: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? false), {
      root: element.closest('main'),
      rootMargin: margin,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return near;
}
