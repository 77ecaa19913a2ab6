import { Anchor } from '@mantine/core';
import { formatDuration } from '../../../../shared/format';
import type { OperationOutcome } from '../../../../shared/operations';
import { formatLocal } from '../../../components/dates';
import { StateMark } from '../../../components/state-mark';
import type { Column } from '../../../components/table-model';
import { Timestamp } from '../../../components/timestamp';
import { paths } from '../../../navigation';
import { operationWords, outcomeMark } from '../operation-words';

export const operationColumns: readonly Column<OperationOutcome>[] = [
  {
    id: 'when',
    header: 'When',
    width: 138,
    value: ({ startedAt }) => new Date(startedAt).toISOString(),
    cell: ({ id, title, startedAt }) => {
      const date = new Date(startedAt);
      return (
        <Anchor href={`#${paths.operation(id)}`} aria-label={`${title}, ${formatLocal(date)}`}>
          <Timestamp value={date} />
        </Anchor>
      );
    },
  },
  { id: 'what', header: 'Operation', width: 172, value: ({ kind }) => operationWords[kind].title },
  { id: 'title', header: 'What exactly', width: 200, grow: 2, hidden: true, value: ({ title }) => title },
  {
    id: 'outcome',
    header: 'Outcome',
    width: 112,
    value: (outcome) => outcomeMark(outcome).word,
    cell: (outcome) => {
      const { state, word } = outcomeMark(outcome);
      return <StateMark state={state}>{word}</StateMark>;
    },
  },
  { id: 'text', header: 'What is so since', width: 200, grow: 3, value: ({ text }) => text },
  { id: 'connection', header: 'Connection', width: 120, grow: 1, value: ({ connectionName }) => connectionName },
  { id: 'set', header: 'Set', width: 80, value: ({ set }) => set },
  { id: 'user', header: 'Who', width: 80, value: ({ user }) => user },
  {
    id: 'origin',
    header: 'By',
    width: 110,
    hidden: true,
    value: ({ origin }) => (origin === 'cli' ? 'command line' : 'window'),
  },
  {
    id: 'took',
    header: 'Took',
    width: 88,
    align: 'right',
    value: ({ startedAt, finishedAt }) => finishedAt - startedAt,
    cell: ({ startedAt, finishedAt }) => formatDuration((finishedAt - startedAt) / 1000),
  },
  { id: 'id', header: 'Id', width: 240, hidden: true, mono: true, value: ({ id }) => id },
];
