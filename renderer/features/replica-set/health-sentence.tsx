import { Fragment, type ReactNode } from 'react';
import type { DeploymentHealth } from '../../../shared/deployment-health';
import { formatDuration, formatQuantity } from '../../../shared/format';
import { formatLag } from '../../components/metric-text';
import { StateMark } from '../../components/state-mark';
import { Timestamp } from '../../components/timestamp';
import { verdictState, verdictWord } from '../../components/verdict-mark';
import { headNumbers, type DeploymentView } from './deployment-view';
import { Moment, SpanSince } from './member-words';

/** "Healthy for 3 d 4 h · lag 0.2 s · oplog window 31 h · majority commits 12 ms behind · as of …". */
export function HealthSentence({ health, view }: { health: DeploymentHealth; view: DeploymentView }) {
  if (!view.fresh)
    return (
      <StateMark state="unknown">
        Unknown since <Timestamp value={new Date(view.at)} seconds />: no newer sample came
      </StateMark>
    );
  const since = health.since === null ? null : { at: health.since, atLeast: false };
  const parts: ReactNode[] = [
    <StateMark key="verdict" state={verdictState(health.verdict)}>
      {verdictWord(health.verdict)} <SpanSince since={since} now={view.at} />
    </StateMark>,
    ...sizeWords(view),
    ...numberWords(view),
    <Fragment key="at">
      as of <Moment at={view.at} now={view.at} />
    </Fragment>,
  ];
  return parts.map((part, index) => (
    <Fragment key={index}>
      {index > 0 ? ' · ' : null}
      <span className="nowrap">{part}</span>
    </Fragment>
  ));
}

function sizeWords({ topology, sets, singles }: DeploymentView): string[] {
  if (topology !== 'sharded') return [];
  const shards = sets.filter(({ shard }) => shard !== 'config').length;
  return [formatQuantity(shards, 'shard'), formatQuantity(singles.length, 'mongos', 'mongos')];
}

function numberWords(view: DeploymentView): string[] {
  if (view.sets.length === 0) return [];
  const { hasSecondaries, lagSeconds, oplogWindowHours, majorityLagSeconds } = headNumbers(view);
  const lag = lagSeconds === null ? 'lag unknown' : `lag ${formatLag(lagSeconds)}`;
  return [
    hasSecondaries ? lag : 'no secondary answers',
    `oplog window ${oplogWindowHours === null ? 'unknown' : formatDuration(oplogWindowHours * 3600)}`,
    `majority commits ${majorityLagSeconds === null ? 'unknown' : `${formatLag(majorityLagSeconds)} behind`}`,
  ];
}
