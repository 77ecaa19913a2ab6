import {
  IconArchive,
  IconBell,
  IconGauge,
  IconHistory,
  IconHome,
  IconListDetails,
  IconListSearch,
  IconPlugConnected,
  IconSettings,
  IconTopologyStar3,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { paths } from '../navigation';
import { AlertCount } from './alert-indicator';

export interface PageEntry {
  label: string;
  path: string;
  icon: ReactNode;
  /** Second key after `g`. */
  key: string;
  /** How much there waits for somebody. */
  count?: ReactNode;
}

/** The pages of the left navigation, in order. */
export const pageEntries: readonly PageEntry[] = [
  { label: 'Overview', path: paths.overview, icon: <IconHome size={16} aria-hidden />, key: 'o' },
  { label: 'Backups', path: paths.backups, icon: <IconArchive size={16} aria-hidden />, key: 'b' },
  { label: 'Restore', path: paths.restore, icon: <IconHistory size={16} aria-hidden />, key: 'r' },
  { label: 'Slow queries', path: paths.slowQueries, icon: <IconGauge size={16} aria-hidden />, key: 'q' },
  { label: 'Indexes', path: paths.indexes, icon: <IconListSearch size={16} aria-hidden />, key: 'i' },
  { label: 'Replica set', path: paths.replicaSet, icon: <IconTopologyStar3 size={16} aria-hidden />, key: 'm' },
  { label: 'Alerts', path: paths.alerts, icon: <IconBell size={16} aria-hidden />, key: 'l', count: <AlertCount /> },
  { label: 'Connections', path: paths.connections, icon: <IconPlugConnected size={16} aria-hidden />, key: 'c' },
  { label: 'Audit', path: paths.audit, icon: <IconListDetails size={16} aria-hidden />, key: 'a' },
  { label: 'Settings', path: paths.settings, icon: <IconSettings size={16} aria-hidden />, key: 's' },
];

export function isWithin(path: string, page: string): boolean {
  return page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`);
}
