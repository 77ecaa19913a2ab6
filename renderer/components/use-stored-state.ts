import { useCallback, useState } from 'react';

/** State of the view that survives the window: kept in local storage as JSON; what cannot be read counts as absent. */
export function useStoredState<T>(key: string, initial: () => T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const stored = window.localStorage.getItem(key);
    if (stored === null) return initial();
    try {
      return JSON.parse(stored) as T;
    } catch {
      return initial();
    }
  });
  const store = useCallback(
    (next: T) => {
      setValue(next);
      window.localStorage.setItem(key, JSON.stringify(next));
    },
    [key],
  );
  return [value, store];
}
