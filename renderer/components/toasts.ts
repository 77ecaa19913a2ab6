/** Short messages at the edge of the window, for what happens without being asked for. */
import { create } from 'zustand';
import { announce } from './announcer';

export interface Toast {
  /** A toast with the id of one that is shown takes its place. */
  id: string;
  kind: 'bad' | 'warning' | 'info' | 'good';
  title: string;
  text: string;
  /** Where more is to be learned. */
  link: { label: string; path: string } | null;
  /** How long it stays; null until it is closed. */
  seconds: number | null;
}

interface ToastsState {
  toasts: Toast[];
}

export const useToasts = create<ToastsState>(() => ({ toasts: [] }));

/** Shows it, and says it to screen readers. */
export function showToast(toast: Toast): void {
  useToasts.setState(({ toasts }) => {
    const isShown = toasts.some(({ id }) => id === toast.id);
    return { toasts: isShown ? toasts.map((one) => (one.id === toast.id ? toast : one)) : [...toasts, toast] };
  });
  announce(`${toast.title}. ${toast.text}`);
}

export function closeToasts(ids: readonly string[]): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter(({ id }) => !ids.includes(id)) }));
}
