import { formatCount, formatQuantity } from '../../shared/format';
import type { Effect } from '../../shared/diff';
import styles from './effect-numbers.module.css';

export const effectKinds = ['insert', 'replace', 'delete', 'keep', 'conflict'] as const;
export type EffectKind = (typeof effectKinds)[number];

const signs: Record<EffectKind, string> = { insert: '+', replace: '≠', delete: '−', keep: '=', conflict: '!' };
const words: Record<EffectKind, string> = {
  insert: 'inserted',
  replace: 'replaced',
  delete: 'deleted',
  keep: 'untouched',
  conflict: 'in conflict',
};

/** `inserted`, `replaced`, …: what is said after a number. */
export function effectWord(kind: EffectKind): string {
  return words[kind];
}

/** A count with its sign and colour, for tables. */
export function EffectNumber({ kind, count }: { kind: EffectKind; count: number }) {
  if (count === 0) return <span className="dimmed">0</span>;
  return (
    <span className={`effect-${kind}`}>
      <span aria-hidden>{signs[kind]}</span>
      {formatCount(count)}
    </span>
  );
}

interface EffectNumbersProps {
  effect: Effect;
  /** Whether the numbers are a forecast ("would be") or what was done. */
  conditional?: boolean;
}

/** What happens to documents, as big numbers with signs: "400 documents inserted, 25 replaced, …". */
export function EffectNumbers({ effect, conditional = false }: EffectNumbersProps) {
  const shown = effectKinds.filter((kind) => kind !== 'conflict' || effect.conflict > 0);
  return (
    <ul
      className={styles.list}
      aria-label={conditional ? 'What would happen to documents' : 'What happened to documents'}
    >
      {shown.map((kind, position) => (
        <li key={kind} className={`${styles.item} ${effect[kind] === 0 ? styles.none : ''}`}>
          <span className={`${styles.number} ${effect[kind] === 0 ? '' : `effect-${kind}`}`}>
            <span aria-hidden className={styles.sign}>
              {signs[kind]}
            </span>
            {formatCount(effect[kind])}
          </span>{' '}
          <span>
            {position === 0 ? `${effect[kind] === 1 ? 'document' : 'documents'} ` : ''}
            {words[kind]}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** "400 in, 25 replaced, 7 deleted": what a button promises. Empty where nothing would be written. */
export function effectPromise(effect: Effect): string {
  const parts: string[] = [];
  if (effect.insert > 0) parts.push(`${formatCount(effect.insert)} in`);
  if (effect.replace > 0) parts.push(`${formatCount(effect.replace)} replaced`);
  if (effect.delete > 0) parts.push(`${formatCount(effect.delete)} deleted`);
  return parts.join(', ');
}

/** One sentence for screen readers and announcements. */
export function effectSentence(effect: Effect): string {
  return `${formatQuantity(effect.insert, 'document')} inserted, ${formatCount(effect.replace)} replaced, ${formatCount(effect.delete)} deleted, ${formatCount(effect.keep)} untouched`;
}
