import { Stack } from '@mantine/core';
import type { TriedShape, TryMeasure, TryResult } from '../../../../shared/tries';
import { formatBytes, formatCount, formatMilliseconds, formatQuantity } from '../../../../shared/format';
import { Notice } from '../../../components/notice';
import { PlanTree } from './plan-tree';
import styles from './shape.module.css';

export const verdicts = {
  better: { kind: 'good', text: 'The index helps' },
  same: { kind: 'info', text: 'The index makes no difference here' },
  worse: { kind: 'bad', text: 'The index makes it worse here' },
  failed: { kind: 'bad', text: 'It could not be run' },
} as const;

/** Before and after, and on what. */
export function Tried({ result }: { result: TryResult }) {
  return (
    <Stack gap={12}>
      {result.shapes.map((shape) => (
        <TriedOne key={shape.id} shape={shape} />
      ))}
      <div className="dimmed">
        Tried on {result.source} ({formatQuantity(result.documents, 'document')}, {formatBytes(result.bytes)}), MongoDB{' '}
        {result.serverVersion}, in {formatMilliseconds(result.elapsedMs)}.{' '}
        {result.indexes.map(({ name, keyText, bytes, wholeBytes, buildMs, used }) => (
          <span key={name}>
            <code>{keyText}</code> was built in {formatMilliseconds(buildMs)}, is {formatBytes(bytes)} large
            {wholeBytes === null ? '' : `, about ${formatBytes(wholeBytes)} for the whole collection`}
            {used ? '' : ', and is not used'}.{' '}
          </span>
        ))}
        {result.notes.join(' ')}
      </div>
    </Stack>
  );
}

function TriedOne({ shape }: { shape: TriedShape }) {
  const { before, after, problem } = shape;
  const { kind, text } = verdicts[shape.verdict];
  return (
    <>
      <Notice kind={kind} title={text}>
        {problem}
      </Notice>
      {before && after ? (
        <>
          <table className={styles.candidates} aria-label="Before and after">
            <thead>
              <tr>
                <th scope="col">
                  <span className="dimmed">Measured in the sandbox</span>
                </th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
              </tr>
            </thead>
            <tbody>
              <Compared
                term="Documents read"
                before={before}
                after={after}
                value={(m) => formatCount(m.docsExamined)}
              />
              <Compared term="Keys read" before={before} after={after} value={(m) => formatCount(m.keysExamined)} />
              <Compared term="Time" before={before} after={after} value={(m) => formatMilliseconds(m.ms)} />
              <Compared term="Returned" before={before} after={after} value={(m) => formatCount(m.returned)} />
              <Compared
                term="Sorts in memory"
                before={before}
                after={after}
                value={(m) => (m.inMemorySort ? 'yes' : 'no')}
              />
              <Compared term="Plan" before={before} after={after} value={(m) => m.planSummary} />
            </tbody>
          </table>
          <details>
            <summary>Both plans</summary>
            <Stack gap={12} mt={8}>
              <PlanTree root={before.plan} label="Plan before" />
              <PlanTree root={after.plan} label="Plan after" />
            </Stack>
          </details>
        </>
      ) : null}
    </>
  );
}

interface ComparedProps {
  term: string;
  before: TryMeasure;
  after: TryMeasure;
  value: (measure: TryMeasure) => string;
}

function Compared({ term, before, after, value }: ComparedProps) {
  return (
    <tr>
      <th scope="row">{term}</th>
      <td>{value(before)}</td>
      <td>
        <strong>{value(after)}</strong>
      </td>
    </tr>
  );
}
