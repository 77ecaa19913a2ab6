import { Anchor } from '@mantine/core';
import type { Problem, ProblemObject } from '../../../../shared/diff';
import { formatCount, formatQuantity, maskControlCharacters } from '../../../../shared/format';
import { typedIdText } from '../id-text';
import styles from './preview.module.css';

interface ProblemObjectsProps {
  problem: Problem;
  onObject: ((object: ProblemObject) => void) | undefined;
}

/** Shown without being asked for. */
const fewObjects = 3;

/** What a problem is about: documents, indexes, options, privileges. */
export function ProblemObjects({ problem: { objects, objectsTotal }, onObject }: ProblemObjectsProps) {
  const total = Math.max(objectsTotal, objects.length);
  return (
    <details className={styles.objects} open={objects.length <= fewObjects}>
      <summary>
        {total > objects.length
          ? `the first ${objects.length} of ${formatCount(total)}`
          : formatQuantity(total, 'object')}
      </summary>
      <ul>
        {objects.map((object, at) => (
          <li key={at} className="wrap-anywhere">
            <ObjectName object={object} onObject={onObject} />
            {object.detail === '' ? null : ` ${maskControlCharacters(object.detail)}`}
          </li>
        ))}
      </ul>
    </details>
  );
}

function ObjectName({ object, onObject }: { object: ProblemObject; onObject: ProblemObjectsProps['onObject'] }) {
  const { ns, id, name } = object;
  const text = id === null ? maskControlCharacters(name ?? ns) : `_id ${typedIdText(id)}`;
  const where = name === ns ? '' : `${maskControlCharacters(ns)} `;
  // Privileges are of databases, which have no page here.
  const opens = onObject !== undefined && ns.includes('.');
  return (
    <>
      {where === '' ? null : <code>{where}</code>}
      {opens ? (
        <Anchor component="button" type="button" className="mono wrap-anywhere" onClick={() => onObject(object)}>
          {text}
        </Anchor>
      ) : (
        <code>{text}</code>
      )}
    </>
  );
}
