import { Button } from '@mantine/core';
import { formatBytes } from '../../../shared/format';
import type { IndexFinding } from '../../../shared/indexes';
import { Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import styles from './indexes.module.css';

interface FindingsListProps {
  findings: readonly IndexFinding[];
  /** Opens the index a finding is about. */
  onOpen: (ns: string, name: string) => void;
  onPlan: (finding: IndexFinding) => void;
}

/** What could go or is missing, the worst first, each with what to do. */
export function FindingsList({ findings, onOpen, onPlan }: FindingsListProps) {
  return (
    <Section title="Findings" flush>
      {findings.length === 0 ? (
        <p className={styles.nothing}>Nothing to be mended was found.</p>
      ) : (
        <ul className={styles.findings} aria-label="Findings" tabIndex={0}>
          {findings.map((finding) => (
            <li
              key={`${finding.code} ${finding.ns ?? ''} ${finding.index ?? ''} ${finding.message}`}
              className={styles.finding}
            >
              <div>
                <StateMark state={finding.severity === 'warning' ? 'warning' : 'unknown'}>
                  <span className={`wrap-anywhere ${styles.message ?? ''}`}>{finding.message}</span>
                </StateMark>
                {finding.hint ? <div className={styles.hint}>{finding.hint}</div> : null}
              </div>
              <span className={styles.bytes}>{finding.bytes === null ? '' : formatBytes(finding.bytes)}</span>
              <Action finding={finding} onOpen={onOpen} onPlan={onPlan} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Action({ finding, onOpen, onPlan }: Omit<FindingsListProps, 'findings'> & { finding: IndexFinding }) {
  const { ns, index, suggestion } = finding;
  if (suggestion) {
    return (
      <Button size="compact-xs" variant="default" onClick={() => onPlan(finding)}>
        Plan it
      </Button>
    );
  }
  if (ns === null || index === null) return <span />;
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`Look at ${index} of ${ns}`}
      onClick={() => onOpen(ns, index)}
    >
      Look
    </Button>
  );
}
