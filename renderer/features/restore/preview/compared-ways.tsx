import { Button } from '@mantine/core';
import type { NamespaceDiff } from '../../../../shared/diff';
import { formatCount, formatQuantity } from '../../../../shared/format';
import styles from './preview.module.css';

interface ComparedWaysProps {
  namespaces: readonly NamespaceDiff[];
  busy: boolean;
  /** Null: there is no other way. */
  onCompareAll: (() => void) | null;
}

/** Which collections were compared by the oplog and which in full, why, and the way to compare all of them in full. */
export function ComparedWays({ namespaces, busy, onCompareAll }: ComparedWaysProps) {
  const byOplog = namespaces.filter(({ comparedBy }) => comparedBy === 'oplog');
  const inFull = namespaces.filter(({ comparedBy }) => comparedBy === 'digest' || comparedBy === 'archive');
  if (byOplog.length === 0 && inFull.length === 0) return null;
  const byReason = new Map<string, string[]>();
  for (const { targetNs, comparedReason } of inFull) {
    if (comparedReason !== null) byReason.set(comparedReason, [...(byReason.get(comparedReason) ?? []), targetNs]);
  }
  const parts: string[] = [];
  if (byOplog.length > 0) parts.push(`${formatQuantity(byOplog.length, 'collection')} compared by the oplog`);
  if (inFull.length > 0) {
    const noun =
      byOplog.length > 0 ? formatCount(inFull.length) : `${formatQuantity(inFull.length, 'collection')} compared`;
    parts.push(`${noun} in full`);
  }
  const [[onlyReason] = []] = [...byReason];
  const sentence = byReason.size === 1 ? `${parts.join(', ')}: ${onlyReason ?? ''}` : parts.join(', ');
  return (
    <div className={styles.compared}>
      <span className="dimmed wrap-anywhere">{sentence}</span>
      {byOplog.length > 0 && onCompareAll ? (
        <Button variant="subtle" size="compact-xs" loading={busy} onClick={onCompareAll}>
          Compare everything
        </Button>
      ) : null}
      {byReason.size > 1 ? (
        <details>
          <summary className="dimmed">Why in full</summary>
          <ul className={styles.reasons}>
            {[...byReason].map(([reason, names]) => (
              <li key={reason} className="wrap-anywhere">
                <span className="mono">{names.join(', ')}</span>: {reason}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}
