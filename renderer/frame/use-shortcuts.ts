import { useEffect, useRef } from 'react';
import type { Command } from './actions';

const prefixMs = 1200;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
}

/** Single keys and `g x` pairs, outside of fields and dialogs. */
export function useShortcuts(commands: () => Command[]): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    let prefixAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"]')) return;
      const withPrefix = Date.now() - prefixAt < prefixMs;
      prefixAt = 0;
      if (event.key === 'g' && !withPrefix) {
        prefixAt = Date.now();
        return;
      }
      const wanted = withPrefix ? `g ${event.key}` : event.key;
      const command = latest.current().find(({ shortcut }) => shortcut === wanted);
      if (!command) return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
