/** Which notices go to which channel. Pure. */
import { severities, type AlertNotice, type Severity } from '../../../shared/alerts';
import type { Channel } from '../../../shared/channels';
import type { Environment } from '../../../shared/connections';
import { toldSeverityOf } from './message';

export interface RoutedNotice extends AlertNotice {
  connectionName: string;
  /** Null when the connection is gone. */
  environment: Environment | null;
}

function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

/** Whether a firing incident belongs there. Its end goes where its beginning went, whatever the routes are by then. */
export function isRoutedTo(
  channel: Pick<Channel, 'enabled' | 'leastSeverity' | 'connectionIds' | 'environments'>,
  { incident, environment }: Pick<RoutedNotice, 'incident' | 'environment'>,
): boolean {
  return (
    channel.enabled &&
    isAtLeast(toldSeverityOf(incident), channel.leastSeverity) &&
    (channel.connectionIds === null || channel.connectionIds.includes(incident.connectionId)) &&
    (channel.environments === null || (environment !== null && channel.environments.includes(environment)))
  );
}
