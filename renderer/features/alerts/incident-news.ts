/** What a person is told in the window when incidents open and close. Pure. */
import type { Incident } from '../../../shared/alerts';
import { formatDuration, formatQuantity } from '../../../shared/format';
import type { IncidentLists } from '../../../shared/incidents';
import { severityOrder, severityWords } from '../../components/severity-mark';
import type { Toast } from '../../components/toasts';
import { paths } from '../../navigation';

export interface IncidentNews {
  fired: Incident[];
  cleared: Incident[];
}

const isTold = ({ toldSeverity }: Incident): boolean => toldSeverity !== null;

/** Once for each incident that begins, once for each that is over; nothing of what was there when the window opened. */
export function newsBetween(before: IncidentLists | null, after: IncidentLists): IncidentNews {
  if (!before) return { fired: [], cleared: [] };
  const known = new Map(before.open.map((incident) => [incident.id, incident]));
  const wasTold = ({ id }: Incident): boolean => {
    const earlier = known.get(id);
    return earlier !== undefined && isTold(earlier);
  };
  return {
    fired: after.open.filter(
      (incident) => isTold(incident) && !wasTold(incident) && !incident.silenced && incident.acknowledged === null,
    ),
    cleared: after.past.filter((incident) => wasTold(incident) && !incident.silenced),
  };
}

/** The toast of many that fired. */
export const groupToastId = 'alerts-fired';

/** More than so many at once are told together. */
const mostApart = 3;
const quietSeconds = 8;
const loudSeconds = 30;

/** The deployment, and the member or set where it is about one. */
function subjectWords({ connectionId, set, host }: Incident, nameOf: (connectionId: string) => string): string {
  const part = host ?? set;
  return part === null ? nameOf(connectionId) : `${nameOf(connectionId)}, ${part}`;
}

/** Who it is about and what is wrong; the member once. */
export function incidentWords(incident: Incident, nameOf: (connectionId: string) => string): string {
  const { connectionId, host, text } = incident;
  const namesIt = host !== null && text.includes(host);
  return `${namesIt ? nameOf(connectionId) : subjectWords(incident, nameOf)}: ${text}`;
}

/** Of what tells that an incident fired, and later that it is over. */
export function alertToastId(incidentId: string): string {
  return `alert-${incidentId}`;
}

const kinds: Record<Incident['severity'], Toast['kind']> = {
  critical: 'bad',
  high: 'bad',
  warning: 'warning',
  info: 'info',
};

function firedToast(incident: Incident, nameOf: (connectionId: string) => string): Toast {
  const { id, name, severity } = incident;
  return {
    id: alertToastId(id),
    kind: kinds[severity],
    title: `${severityWords[severity]}: ${name}`,
    text: incidentWords(incident, nameOf),
    link: { label: 'What to do', path: paths.alert(id) },
    seconds: severity === 'critical' ? null : loudSeconds,
  };
}

function clearedToast(incident: Incident, nameOf: (connectionId: string) => string): Toast {
  const { id, name, since, clearedAt } = incident;
  const lasted = clearedAt === null ? '' : ` after ${formatDuration((clearedAt - since) / 1000)}`;
  return {
    id: alertToastId(id),
    kind: 'good',
    title: `Over: ${name}`,
    text: `${subjectWords(incident, nameOf)}${lasted}`,
    link: null,
    seconds: quietSeconds,
  };
}

function gravest(incidents: readonly Incident[]): Incident | undefined {
  return [...incidents].sort((a, b) => severityOrder(a.severity) - severityOrder(b.severity))[0];
}

/** `together`: all that fired and are still told of; what is in it takes one toast where there are many. */
export function firedToasts(together: readonly Incident[], nameOf: (connectionId: string) => string): Toast[] {
  const worst = gravest(together);
  if (together.length <= mostApart || !worst) return together.map((incident) => firedToast(incident, nameOf));
  const deployments = [...new Set(together.map(({ connectionId }) => nameOf(connectionId)))];
  return [
    {
      id: groupToastId,
      kind: kinds[worst.severity],
      title: `${formatQuantity(together.length, 'alert')}, the gravest ${severityWords[worst.severity].toLowerCase()}`,
      text: `${worst.name}, and more of ${deployments.slice(0, 3).join(', ')}${deployments.length > 3 ? ' and others' : ''}`,
      link: { label: 'Show all alerts', path: paths.alerts },
      seconds: loudSeconds,
    },
  ];
}

export function clearedToasts(cleared: readonly Incident[], nameOf: (connectionId: string) => string): Toast[] {
  if (cleared.length <= mostApart) return cleared.map((incident) => clearedToast(incident, nameOf));
  return [
    {
      id: 'alerts-cleared',
      kind: 'good',
      title: `${formatQuantity(cleared.length, 'alert')} over`,
      text: [...new Set(cleared.map(({ connectionId }) => nameOf(connectionId)))].slice(0, 3).join(', '),
      link: { label: 'Show past alerts', path: paths.pastAlerts },
      seconds: quietSeconds,
    },
  ];
}

/** Ids of every toast an incident may be told of by. */
export function toastIdsOf(incidents: readonly Incident[]): string[] {
  return [groupToastId, ...incidents.map(({ id }) => alertToastId(id))];
}
