/** The pages of the window, in the order of its navigation and of the menu. */

export interface WindowPage {
  label: string;
  /** Address inside the window. */
  path: string;
  /** Second key after `g`. */
  key: string;
}

export const windowPages = [
  { label: 'Overview', path: '/', key: 'o' },
  { label: 'Backups', path: '/backups', key: 'b' },
  { label: 'Restore', path: '/restore', key: 'r' },
  { label: 'Slow queries', path: '/slow-queries', key: 'q' },
  { label: 'Indexes', path: '/indexes', key: 'i' },
  { label: 'Replica set', path: '/replica-set', key: 'm' },
  { label: 'Alerts', path: '/alerts', key: 'l' },
  { label: 'Connections', path: '/connections', key: 'c' },
  { label: 'Audit', path: '/audit', key: 'a' },
  { label: 'Settings', path: '/settings', key: 's' },
] as const satisfies readonly WindowPage[];

export type WindowPagePath = (typeof windowPages)[number]['path'];
