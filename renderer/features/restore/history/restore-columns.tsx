import { Anchor } from '@mantine/core';
import { formatDuration } from '../../../../shared/format';
import type { RestoreSummary } from '../../../../shared/restore';
import { formatLocal, parseDate } from '../../../components/dates';
import { EffectNumber, type EffectKind } from '../../../components/effect-numbers';
import { StateMark } from '../../../components/state-mark';
import type { Column } from '../../../components/table-model';
import { Timestamp } from '../../../components/timestamp';
import { paths } from '../../../navigation';
import { modeName, proofOf, stateOf } from '../../../components/restore-words';

const effect = (kind: EffectKind, header: string, width: number): Column<RestoreSummary> => ({
  id: kind,
  header,
  width,
  align: 'right',
  value: (summary) => summary.effect[kind],
  cell: (summary) => <EffectNumber kind={kind} count={summary.effect[kind]} />,
});

/** Until when it can be undone, or why it cannot. */
function undoText({ undoId, undoUntil, undoneBy, undoDeclined, state }: RestoreSummary) {
  if (undoneBy !== null) return <span className="dimmed">undone</span>;
  if (undoId !== null) return undoUntil === null ? 'possible' : <Timestamp value={undoUntil} />;
  if (undoDeclined) return <span className="dimmed">declined</span>;
  return <span className="dimmed">{state === 'running' ? '–' : 'not possible'}</span>;
}

export const restoreColumns: readonly Column<RestoreSummary>[] = [
  {
    id: 'when',
    header: 'When',
    width: 138,
    value: ({ startedAt }) => startedAt,
    cell: (summary) => {
      const date = parseDate(summary.startedAt);
      const when = date ? formatLocal(date) : summary.restoreId;
      return (
        <Anchor
          href={`#${paths.restoreRun(summary.restoreId)}`}
          aria-label={`Restore of ${when}, ${summary.scope} to ${summary.target}`}
        >
          <Timestamp value={summary.startedAt} />
        </Anchor>
      );
    },
  },
  {
    id: 'state',
    header: 'State',
    width: 124,
    value: (summary) => stateOf(summary).word,
    cell: (summary) => {
      const { state, word } = stateOf(summary);
      return <StateMark state={state}>{word}</StateMark>;
    },
  },
  { id: 'mode', header: 'Mode', width: 106, value: modeName },
  { id: 'scope', header: 'Scope', width: 88, grow: 2, value: ({ scope }) => scope },
  { id: 'target', header: 'Target', width: 88, grow: 1, value: ({ target }) => target },
  { id: 'backup', header: 'Backup', width: 250, grow: 2, hidden: true, mono: true, value: ({ backupId }) => backupId },
  effect('insert', 'Inserted', 72),
  effect('replace', 'Replaced', 76),
  effect('delete', 'Deleted', 70),
  { ...effect('conflict', 'Conflicts', 76), hidden: true },
  {
    id: 'proof',
    header: 'Proof',
    width: 110,
    value: (summary) => proofOf(summary)?.word ?? null,
    cell: (summary) => {
      const proof = proofOf(summary);
      return proof ? <StateMark state={proof.state}>{proof.word}</StateMark> : <span className="dimmed">–</span>;
    },
  },
  {
    id: 'took',
    header: 'Took',
    width: 84,
    hidden: true,
    align: 'right',
    value: ({ outcome }) => outcome?.elapsedMs ?? null,
    cell: ({ outcome }) => (outcome ? formatDuration(outcome.elapsedMs / 1000) : <span className="dimmed">–</span>),
  },
  {
    id: 'undo',
    header: 'Undo until',
    width: 138,
    value: ({ undoUntil }) => undoUntil,
    cell: undoText,
  },
  { id: 'id', header: 'Id', width: 260, hidden: true, mono: true, value: ({ restoreId }) => restoreId },
];
