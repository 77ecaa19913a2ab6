import { Stack } from '@mantine/core';
import type { Problem } from '../../../shared/diff';
import { StateMark, type State } from '../../components/state-mark';

const states: Record<Problem['severity'], State> = { info: 'unknown', warning: 'warning', blocking: 'bad' };
const words: Record<Problem['severity'], string> = { info: 'note', warning: 'warning', blocking: 'blocking' };

/** Predicted or met problems, the gravest first. */
export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  const rank = { blocking: 0, warning: 1, info: 2 };
  const sorted = [...problems].sort((left, right) => rank[left.severity] - rank[right.severity]);
  return (
    <Stack gap={8} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {sorted.map((problem, index) => (
        <li key={index} className="wrap-anywhere">
          <StateMark state={states[problem.severity]}>{words[problem.severity]}</StateMark>{' '}
          {problem.ns ? <code>{problem.ns}</code> : null} {problem.message}
          {problem.hint ? <span className="dimmed"> {problem.hint}</span> : null}
        </li>
      ))}
    </Stack>
  );
}
