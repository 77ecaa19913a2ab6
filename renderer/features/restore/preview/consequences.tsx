import { SegmentedControl } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import type { Problem, ProblemObject } from '../../../../shared/diff';
import { formatDuration, formatQuantity } from '../../../../shared/format';
import { availableModes, problemsOf, undoDays, type Preview } from '../../../../shared/restore';
import { useRequest } from '../../../api';
import { announce } from '../../../components/announcer';
import { EffectNumbers, effectSentence } from '../../../components/effect-numbers';
import { Section } from '../../../components/page';
import { StateMark } from '../../../components/state-mark';
import { metadataText } from '../metadata-effect';
import { modeWords } from '../../../components/mode-words';
import { ProblemList } from '../problem-list';
import { useRestore } from '../restore-store';
import { useLostTicks, usePicks } from './pick-store';
import { effectModeOf, predictedEffect, predictedMetadata } from './predicted-effect';
import styles from './preview.module.css';

/** "2 problems predicted, 1 note". */
function problemsText(problems: readonly Problem[]): string {
  const notes = problems.filter(({ severity }) => severity === 'info').length;
  const grave = problems.length - notes;
  const parts = grave > 0 ? [`${formatQuantity(grave, 'problem')} predicted`] : [];
  if (notes > 0) parts.push(formatQuantity(notes, 'note'));
  return parts.join(', ');
}

interface ConsequencesProps {
  preview: Preview;
  /** Shows a document, index or option that a problem is about. */
  onObject: (object: ProblemObject) => void;
}

/** "What would happen": the mode, its numbers at once, the problems. */
export function Consequences({ preview, onObject }: ConsequencesProps) {
  const mode = useRestore((state) => state.mode);
  const setMode = useRestore((state) => state.setMode);
  const { namespaces } = preview.result;
  const picks = usePicks(preview.id);
  const choice = useRestore((state) => state.metadata);
  const problems = problemsOf(mode, preview.result.problems, choice);
  const effect = useMemo(
    () => predictedEffect(effectModeOf(preview, mode), namespaces, picks, choice),
    [preview, mode, namespaces, picks, choice],
  );
  const metadata = useMemo(
    () => metadataText(predictedMetadata(mode, namespaces, picks, choice)),
    [mode, namespaces, picks, choice],
  );
  const lost = useLostTicks(preview.id);
  const picked = useRequest(
    'restore.estimate',
    { previewId: preview.id, mode, namespaces: [], typedName: null, picks: [...picks], metadata: choice },
    { enabled: mode === 'pick' && picks.length > 0 },
  );
  const estimate = mode === 'pick' ? (picks.length > 0 ? picked.data : null) : preview.estimates[mode];
  const seconds = estimate?.seconds ?? null;
  const toldMode = useRef(mode);
  useEffect(() => {
    if (toldMode.current === mode) return;
    toldMode.current = mode;
    announce(`${modeWords[mode].name}: ${effectSentence(effect)}`);
  }, [mode, effect]);
  const clones = Object.entries(preview.cloneNames);
  return (
    <Section
      title="What would happen"
      aside={
        <span className={styles.promise}>
          {seconds === null ? '' : `about ${formatDuration(seconds)} · `}
          {`undo kept ${formatQuantity(undoDays, 'day')} · nothing is written before you press Apply`}
        </span>
      }
    >
      {preview.undoOf === null ? (
        <div className={styles.modes}>
          <SegmentedControl
            aria-label="Mode"
            value={mode}
            onChange={(value) => {
              const chosen = availableModes.find((known) => known === value);
              if (chosen) setMode(chosen);
            }}
            data={availableModes.map((value) => ({ value, label: modeWords[value].name }))}
          />
          <span className="dimmed">{modeWords[mode].does}</span>
        </div>
      ) : (
        <p className={styles.metadata}>
          Undo of <code>{preview.undoOf}</code>: puts back what it replaced, deleted or changed, and takes away what it
          added. What somebody changed since is left alone.
        </p>
      )}
      <EffectNumbers effect={effect} conditional />
      <p className={styles.metadata}>
        {metadata || 'Indexes and options stay as they are'}
        {mode === 'clone' && clones.length > 0 ? (
          <span className="mono"> · {clones.map(([database, clone]) => `${database} → ${clone}`).join(', ')}</span>
        ) : null}
      </p>
      {mode === 'pick' && lost > 0 ? (
        <p className={styles.metadata} role="status">
          <StateMark state="warning">
            {formatQuantity(lost, 'tick')} not kept: the documents were written since, or do not differ any more
          </StateMark>
        </p>
      ) : null}
      {problems.length > 0 ? (
        <details className={styles.problems} open={problems.some(({ severity }) => severity !== 'info')}>
          <summary>{problemsText(problems)}</summary>
          <ProblemList problems={problems} onObject={onObject} />
        </details>
      ) : null}
    </Section>
  );
}
