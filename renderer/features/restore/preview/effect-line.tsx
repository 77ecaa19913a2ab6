import { useMemo } from 'react';
import type { Preview } from '../../../../shared/restore';
import { EffectNumber, effectWord } from '../../../components/effect-numbers';
import { modeWords } from '../../../components/mode-words';
import { useRestore } from '../restore-store';
import { usePicks } from './pick-store';
import { predictedEffect } from './predicted-effect';
import styles from './preview.module.css';

const written = ['insert', 'replace', 'delete'] as const;

/** "Exact +400 inserted ≠25 replaced −7 deleted", beside the way on: in sight also while documents are looked at. */
export function EffectLine({ preview }: { preview: Preview }) {
  const mode = useRestore((state) => state.mode);
  const metadata = useRestore((state) => state.metadata);
  const picks = usePicks(preview.id);
  const { namespaces } = preview.result;
  const effect = useMemo(() => predictedEffect(mode, namespaces, picks, metadata), [mode, namespaces, picks, metadata]);
  return (
    <span className={styles.effectLine}>
      <strong>{preview.undoOf === null ? modeWords[mode].name : 'Undo'}</strong>
      {written.map((kind) => (
        <span key={kind}>
          <EffectNumber kind={kind} count={effect[kind]} /> {effectWord(kind)}
        </span>
      ))}
    </span>
  );
}
