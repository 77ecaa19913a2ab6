import { VisuallyHidden } from '@mantine/core';
import { create } from 'zustand';

const useAnnouncements = create<{ text: string; turn: number }>(() => ({ text: '', turn: 0 }));

/** Says something to screen readers, politely. */
export function announce(text: string): void {
  useAnnouncements.setState(({ turn }) => ({ text, turn: turn + 1 }));
}

/** The live region of the window; there is one. */
export function Announcer() {
  const { text, turn } = useAnnouncements();
  // A repeated text is news only when the region's content changes.
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {text}
      {turn % 2 === 1 ? '\u00a0' : ''}
    </VisuallyHidden>
  );
}
