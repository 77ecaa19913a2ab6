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
import { windowPages, type WindowPage, type WindowPagePath } from '../../shared/pages';
import { AlertCount } from './alert-indicator';

export interface PageEntry extends WindowPage {
  icon: ReactNode;
  /** How much there waits for somebody. */
  count?: ReactNode;
}

const icons: Record<WindowPagePath, ReactNode> = {
  '/': <IconHome size={16} aria-hidden />,
  '/backups': <IconArchive size={16} aria-hidden />,
  '/restore': <IconHistory size={16} aria-hidden />,
  '/slow-queries': <IconGauge size={16} aria-hidden />,
  '/indexes': <IconListSearch size={16} aria-hidden />,
  '/replica-set': <IconTopologyStar3 size={16} aria-hidden />,
  '/alerts': <IconBell size={16} aria-hidden />,
  '/connections': <IconPlugConnected size={16} aria-hidden />,
  '/audit': <IconListDetails size={16} aria-hidden />,
  '/settings': <IconSettings size={16} aria-hidden />,
};

const counts: Partial<Record<WindowPagePath, ReactNode>> = { '/alerts': <AlertCount /> };

/** The pages of the left navigation, in order. */
export const pageEntries: readonly PageEntry[] = windowPages.map((page) => ({
  ...page,
  icon: icons[page.path],
  count: counts[page.path],
}));

export function isWithin(path: string, page: string): boolean {
  return page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`);
}
