import { formatMetric, metricWords } from '../../../components/metric-text';
import { Section } from '../../../components/page';
import { Timestamp } from '../../../components/timestamp';
import type { MemberView } from '../deployment-view';
import { metricGroups } from './metric-groups';
import styles from './members.module.css';

/** What a primary does not have, and what only a primary has. */
function isOfOther(name: string, { isPrimary, role }: MemberView): boolean {
  if (name === 'lagSeconds') return isPrimary || role !== 'member';
  return name === 'majorityLagSeconds' && !isPrimary;
}

/** All numbers of one member as of its newest sample, with their units. */
export function NumbersPanel({ member }: { member: MemberView }) {
  const { answered, at, metrics } = member;
  return (
    <Section
      title="Numbers"
      aside={
        <span className="dimmed">
          {answered ? 'as of ' : 'asked in vain at '}
          <Timestamp value={new Date(at)} seconds />
        </span>
      }
    >
      <div className={styles.groups}>
        {metricGroups.map(({ title, metrics: names }) => (
          <div key={title}>
            <h3>{title}</h3>
            <dl className={styles.numbers}>
              {names.map((name) => (
                <div key={name} className={styles.number}>
                  <dt>{metricWords[name]}</dt>
                  <dd className={metrics[name] === null ? 'dimmed' : undefined}>
                    {answered && isOfOther(name, member) ? '–' : formatMetric(name, metrics[name])}
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </Section>
  );
}
