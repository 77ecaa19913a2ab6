import { IconAlertTriangle, IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Fragment, useId, useState } from 'react';
import type { PlanNode } from '../../../../shared/advice';
import { formatBytes, formatCount, formatMilliseconds } from '../../../../shared/format';
import { Facts, type Fact } from '../../../components/facts';
import { notableWords, planRows, type PlanRow } from './plan-rows';
import styles from './plan-tree.module.css';

interface PlanTreeProps {
  root: PlanNode;
  /** For screen readers: "Plan of the winning index". */
  label: string;
}

/** A plan as a tree: the result above, what it is made of below, with what flows from stage to stage and the time it takes. */
export function PlanTree({ root, label }: PlanTreeProps) {
  const rows = planRows(root);
  return (
    <table className={styles.tree} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col" className={styles.number}>
            Documents in
          </th>
          <th scope="col" className={styles.number}>
            Out
          </th>
          <th scope="col" className={styles.number}>
            Documents read
          </th>
          <th scope="col" className={styles.number}>
            Keys read
          </th>
          <th scope="col" className={styles.number}>
            Time
          </th>
          <th scope="col" aria-label="Share of the time" />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Stage key={row.node.id} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function Number({ value }: { value: number | null }) {
  return <td className={styles.number}>{value === null ? <span className="dimmed">–</span> : formatCount(value)}</td>;
}

function Stage({ row }: { row: PlanRow }) {
  const { node, depth, timeShare, flowShare } = row;
  const [open, setOpen] = useState(false);
  const detailsId = useId();
  const facts = factsOf(node);
  return (
    <Fragment>
      <tr className={node.notable ? styles.notable : undefined}>
        <th scope="row" className={styles.stage} style={{ paddingLeft: 8 + depth * 22 }}>
          {depth > 0 ? <span className={styles.elbow} style={{ left: depth * 22 - 6 }} aria-hidden /> : null}
          <button
            type="button"
            className={styles.toggle}
            aria-expanded={open}
            aria-controls={detailsId}
            onClick={() => setOpen(!open)}
          >
            {open ? <IconChevronDown size={12} aria-hidden /> : <IconChevronRight size={12} aria-hidden />}
            <span className="mono">{node.stage}</span>
          </button>
          {node.index ? <span className="mono dimmed">{node.index.keyText}</span> : null}
          {node.shard ? <span className="dimmed">on shard {node.shard}</span> : null}
          {node.ns ? <span className="dimmed">of {node.ns}</span> : null}
          {node.notable ? (
            <span className={styles.badge}>
              <IconAlertTriangle size={13} aria-hidden />
              {notableWords[node.notable]}
            </span>
          ) : null}
        </th>
        <Number value={node.documentsIn} />
        <td className={styles.number}>
          {flowShare === null ? null : (
            <span className={styles.flow} style={{ width: `${Math.max(2, flowShare * 100)}%` }} aria-hidden />
          )}
          {node.documentsOut === null ? <span className="dimmed">–</span> : formatCount(node.documentsOut)}
        </td>
        <Number value={node.docsExamined} />
        <Number value={node.keysExamined} />
        <td className={styles.number}>
          {node.ownMs === null ? <span className="dimmed">–</span> : formatMilliseconds(node.ownMs)}
        </td>
        <td className={styles.share}>
          {timeShare === null ? null : (
            <span className={styles.bar} title={`${Math.round(timeShare * 100)} % of the time`}>
              <span style={{ width: `${timeShare * 100}%` }} />
            </span>
          )}
        </td>
      </tr>
      <tr id={detailsId} hidden={!open}>
        <td colSpan={7} className={styles.details} style={{ paddingLeft: 28 + depth * 22 }}>
          {open ? facts.length > 0 ? <Facts facts={facts} /> : 'The server tells nothing else of this stage.' : null}
        </td>
      </tr>
    </Fragment>
  );
}

function factsOf(node: PlanNode): Fact[] {
  const facts: Fact[] = [];
  const code = (text: string) => <code className="wrap-anywhere">{text}</code>;
  if (node.filter) facts.push({ term: 'Condition', value: code(node.filter) });
  if (node.specification) facts.push({ term: 'Does', value: code(node.specification) });
  if (node.index) {
    const { index } = node;
    const kinds = [
      index.unique ? 'unique' : '',
      index.sparse ? 'sparse' : '',
      index.partial ? 'partial' : '',
      index.multikey ? `multikey (${index.multikeyFields.join(', ') || 'arrays'})` : '',
    ].filter(Boolean);
    facts.push({
      term: 'Index',
      value: `${index.name}${kinds.length > 0 ? `, ${kinds.join(', ')}` : ''}${index.direction ? `, ${index.direction}` : ''}`,
    });
    for (const { field, intervals, kind } of index.bounds) {
      facts.push({
        term: `Bounds of ${field}`,
        value: (
          <>
            {code(intervals.join(', '))} {kind === 'full' ? <span className="warning">every key of it</span> : null}
          </>
        ),
      });
    }
  }
  if (node.ms !== null) facts.push({ term: 'Time with its inputs', value: formatMilliseconds(node.ms) });
  if (node.works !== null) facts.push({ term: 'Steps of work', value: formatCount(node.works) });
  if (node.memoryBytes !== null) facts.push({ term: 'Memory', value: formatBytes(node.memoryBytes) });
  if (node.usedDisk) facts.push({ term: 'Disk', value: 'was used for want of memory' });
  for (const { name, value } of node.details) facts.push({ term: name, value: code(value) });
  return facts;
}
