/** From a sample and what is open to one word and one sentence. Pure. */
import type { Incident } from '../../../shared/alerts';
import { severities } from '../../../shared/alerts';
import { healthVerdicts, type DeploymentHealth, type HealthVerdict } from '../../../shared/deployment-health';
import { membersOf, type DeploymentSample, type HealthState, type MemberSample } from '../../../shared/health';

export interface Judgement {
  verdict: HealthVerdict;
  problem: string | null;
  /** When what the verdict is about began; null where only the samples can tell. */
  since: number | null;
}

const wellStates: ReadonlySet<HealthState> = new Set(['PRIMARY', 'SECONDARY', 'ARBITER', 'STANDALONE', 'MONGOS']);

/** Gravest first, of equal ones the older first. */
export function byGravity(a: Incident, b: Incident): number {
  return severities.indexOf(b.severity) - severities.indexOf(a.severity) || a.since - b.since;
}

function sentenceOf({ name, host, text }: Incident): string {
  const where = host === null || text.includes(host) ? '' : ` (${host})`;
  return `${name}${where}: ${text}`;
}

/** Something that no rule has told yet, or that no rule is for; nothing that was silenced. */
function troubleOf(sample: DeploymentSample, silenced: readonly Incident[]): string | null {
  const isSilenced = (host: string): boolean =>
    silenced.some((incident) => incident.host === host || incident.host === null);
  for (const { name, primary, members } of sample.sets)
    if (primary === null && members.some(({ answered }) => answered) && !silenced.some(({ set }) => set === name))
      return `${name} has no primary`;
  const members = membersOf(sample);
  const ill = members.find((member) => isIll(member) && !isSilenced(member.host));
  if (ill)
    return ill.answered ? `${ill.host} is ${ill.state}` : (ill.problem?.message ?? `${ill.host} does not answer`);
  const refused = members.find(({ answered, problem }) => answered && problem !== null);
  return refused?.problem?.message ?? null;
}

function isIll({ answered, state }: MemberSample): boolean {
  return !answered || !wellStates.has(state);
}

/** `sample` null: none yet. */
export function judge(sample: DeploymentSample | null, incidents: readonly Incident[]): Judgement {
  const loud = incidents.filter(({ silenced }) => !silenced);
  const gravest = [...loud].sort(byGravity)[0];
  const told = (verdict: HealthVerdict, about: readonly Incident[]): Judgement => ({
    verdict,
    problem: gravest ? sentenceOf(gravest) : null,
    since: Math.min(...about.map(({ since }) => since)),
  });
  const critical = loud.filter(({ severity }) => severity === 'critical');
  if (critical.length > 0) return told('critical', critical);
  if (!sample) return { verdict: 'unknown', problem: null, since: null };
  if (!membersOf(sample).some(({ answered }) => answered))
    return { verdict: 'unknown', problem: sample.problem?.message ?? 'No member answers.', since: null };
  const warnings = loud.filter(({ severity }) => severity === 'warning' || severity === 'high');
  if (warnings.length > 0) return told('warning', warnings);
  const trouble = troubleOf(
    sample,
    incidents.filter(({ silenced }) => silenced),
  );
  if (trouble !== null) return { verdict: 'warning', problem: trouble, since: null };
  return { verdict: 'healthy', problem: gravest ? sentenceOf(gravest) : null, since: null };
}

/** Worst first; of equally bad ones the one with more open, then the one that is so for longer. */
export function worstFirst(a: DeploymentHealth, b: DeploymentHealth): number {
  return (
    healthVerdicts.indexOf(a.verdict) - healthVerdicts.indexOf(b.verdict) ||
    b.incidents.length - a.incidents.length ||
    (a.since ?? Infinity) - (b.since ?? Infinity) ||
    a.connectionId.localeCompare(b.connectionId)
  );
}
