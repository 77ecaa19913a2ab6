/** The requests of health, each answered by a service. Nothing is decided here. */
import type { RequestHandlers, RequestName } from '../../shared/contract';
import type { Services } from '../app';
import { chartFileName, writeChart } from '../health/export-chart';

type Handled = Extract<RequestName, `health.${string}`>;

export interface HealthHandlerDependencies {
  services: Services;
  chooseNew(defaultPath: string): Promise<string | null>;
}

export function createHealthHandlers({
  services,
  chooseNew,
}: HealthHandlerDependencies): Pick<RequestHandlers, Handled> {
  const { health } = services;
  return {
    'health.deployments': () => health.fleet.deployments(),
    'health.deployment': ({ connectionId }) => health.fleet.deployment(connectionId),
    'health.series': (query) => health.history.series(query),
    'health.events': ({ connectionId, from, to }) => health.history.events(connectionId, from, to),
    'health.configuration': ({ connectionId, set }) => health.configuration(connectionId, set),
    'health.export-chart': async ({ name, format, content }) => {
      const path = await chooseNew(chartFileName(name, format));
      if (path === null) return null;
      await writeChart(path, format, content);
      return { path };
    },
  };
}
