/** The requests of alerts, each answered by a service. Nothing is decided here. */
import type { RequestHandlers, RequestName } from '../../shared/contract';
import type { Services } from '../app';

type Handled = Extract<RequestName, `alerts.${string}`>;

export function createAlertHandlers({ health }: Pick<Services, 'health'>): Pick<RequestHandlers, Handled> {
  const { alerts } = health;
  return {
    'alerts.incidents': () => alerts.incidents(),
    'alerts.incident': ({ id }) => health.incidentPage(id),
    'alerts.acknowledge': async (request) => {
      await alerts.acknowledge(request);
      return null;
    },
    'alerts.silences': () => alerts.silences(),
    'alerts.silence': (request) => alerts.silence(request),
    'alerts.end-silence': async ({ id }) => {
      await alerts.endSilence(id);
      return null;
    },
    'alerts.rules': () => alerts.rules(),
    'alerts.save-rule': (rule) => alerts.saveRule(rule),
    'alerts.reset-rule': async ({ id }) => {
      await alerts.resetRule(id);
      return null;
    },
    'alerts.try-rule': (request) => alerts.tryRule(request),
  };
}
