import { useEffect } from 'react';
import type { Incident } from '../../../shared/alerts';
import { Toaster } from '../../components/toaster';
import { closeToasts, showToast, useToasts } from '../../components/toasts';
import { isWaiting, useAlerts } from '../../state/alerts';
import { useConnections } from '../../state/connections';
import { connectionName } from './connection-names';
import { clearedToasts, firedToasts, groupToastId, newsBetween, toastIdsOf } from './incident-news';

/** Tells in the window that an alert fired, and that it is over: once each. */
export function AlertNotifier() {
  useEffect(() => {
    /** What is told of and not closed yet. */
    let told: Incident[] = [];
    return useAlerts.subscribe(({ lists }, before) => {
      if (!lists || lists === before.lists) return;
      const { connections } = useConnections.getState();
      const nameOf = (id: string): string => connectionName(connections, id);
      const { fired, cleared } = newsBetween(before.lists, lists);
      const shown = new Set(useToasts.getState().toasts.map(({ id }) => id));
      const waiting = new Set(lists.open.filter(isWaiting).map(({ id }) => id));
      const ofToast = (incident: Incident): boolean => toastIdsOf([incident]).some((id) => shown.has(id));
      const kept = told.filter((incident) => waiting.has(incident.id) && ofToast(incident));
      closeToasts(toastIdsOf(told.filter((incident) => !kept.includes(incident))).filter((id) => id !== groupToastId));
      told = [...kept, ...fired];
      if (told.length === 0) closeToasts([groupToastId]);
      if (fired.length > 0) {
        const toasts = firedToasts(told, nameOf);
        const ids = new Set(toasts.map(({ id }) => id));
        closeToasts(toastIdsOf(told).filter((id) => !ids.has(id)));
        for (const toast of toasts) if (toast.id === groupToastId || !shown.has(toast.id)) showToast(toast);
      }
      clearedToasts(cleared, nameOf).forEach(showToast);
    });
  }, []);
  return <Toaster />;
}
