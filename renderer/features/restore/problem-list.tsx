import { Stack } from '@mantine/core';
import type { Problem, ProblemObject } from '../../../shared/diff';
import { StateMark, type State } from '../../components/state-mark';
import { ProblemObjects } from './preview/problem-objects';

const states: Record<Problem['severity'], State> = { info: 'unknown', warning: 'warning', blocking: 'bad' };
const words: Record<Problem['severity'], string> = { info: 'note', warning: 'warning', blocking: 'blocking' };

interface ProblemListProps {
  problems: readonly Problem[];
  /** Shows a document, index or option that a problem is about; absent where nothing can be opened. */
  onObject?: (object: ProblemObject) => void;
}

/** Predicted or met problems, the gravest first, with what they are about. */
export function ProblemList({ problems, onObject }: ProblemListProps) {
  const rank = { blocking: 0, warning: 1, info: 2 };
  const sorted = [...problems].sort((left, right) => rank[left.severity] - rank[right.severity]);
  return (
    <Stack gap={8} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {sorted.map((problem, index) => (
        <li key={index} className="wrap-anywhere">
          <StateMark state={states[problem.severity]}>{words[problem.severity]}</StateMark>{' '}
          {problem.ns ? <code>{problem.ns}</code> : null} {problem.message}
          {problem.hint ? <span className="dimmed"> {problem.hint}</span> : null}
          {problem.objects.length > 0 ? <ProblemObjects problem={problem} onObject={onObject} /> : null}
        </li>
      ))}
    </Stack>
  );
}
