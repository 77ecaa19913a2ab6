import { Anchor } from '@mantine/core';
import { IconPinFilled } from '@tabler/icons-react';
import type { CatalogueEntry } from '../../../shared/backups';
import { formatBytes, formatCount } from '../../../shared/format';
import { BackupStatusMark, StateMark } from '../../components/state-mark';
import type { Column } from '../../components/table-model';
import { Age, Timestamp } from '../../components/timestamp';
import { paths } from '../../navigation';
import { isRestorable } from '../../state/catalogue';

function tookSeconds({ createdAt, completedAt }: CatalogueEntry): number | null {
  if (!createdAt || !completedAt) return null;
  const seconds = (Date.parse(completedAt) - Date.parse(createdAt)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

function VerifiedCell({ entry }: { entry: CatalogueEntry }) {
  const { verification } = entry;
  if (!verification) return <StateMark state="unknown">never</StateMark>;
  // What was good once says nothing of a backup that lost its manifest or archive since.
  const state = verification.ok ? (isRestorable(entry) ? 'good' : 'unknown') : 'bad';
  return (
    <StateMark state={state}>
      level {verification.level}, <Age value={verification.at} />
    </StateMark>
  );
}

export const backupColumns: readonly Column<CatalogueEntry>[] = [
  {
    id: 'when',
    header: 'When',
    width: 142,
    value: ({ createdAt }) => createdAt,
    cell: (entry) => (
      <Anchor href={`#${paths.backup(entry.id)}`} aria-label={`Backup ${entry.id}`}>
        {entry.createdAt ? <Timestamp value={entry.createdAt} /> : 'unknown time'}
      </Anchor>
    ),
  },
  { id: 'source', header: 'Source', width: 96, grow: true, value: ({ sourceName }) => sourceName },
  { id: 'scope', header: 'Scope', width: 110, grow: true, value: ({ scope }) => scope },
  { id: 'type', header: 'Type', width: 84, value: ({ type }) => type },
  {
    id: 'status',
    header: 'Status',
    width: 128,
    value: ({ status }) => status,
    cell: ({ status }) => <BackupStatusMark status={status} />,
  },
  {
    id: 'verified',
    header: 'Verified',
    width: 150,
    value: ({ verification }) => verification?.at ?? null,
    cell: (entry) => <VerifiedCell entry={entry} />,
  },
  {
    id: 'documents',
    header: 'Documents',
    width: 96,
    align: 'right',
    value: ({ documents }) => documents,
    cell: ({ documents }) => (documents === null ? <span className="dimmed">–</span> : formatCount(documents)),
  },
  {
    id: 'size',
    header: 'Size',
    width: 80,
    align: 'right',
    value: ({ bytes }) => bytes,
    cell: ({ bytes }) => (bytes === null ? <span className="dimmed">–</span> : formatBytes(bytes)),
  },
  {
    id: 'took',
    header: 'Took',
    width: 64,
    align: 'right',
    value: tookSeconds,
    cell: (entry) => {
      const seconds = tookSeconds(entry);
      return seconds === null ? <span className="dimmed">–</span> : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
    },
  },
  {
    id: 'pinned',
    header: 'Pinned',
    width: 58,
    value: ({ pinned }) => (pinned ? 'pinned' : null),
    cell: ({ pinned }) => (pinned ? <IconPinFilled size={14} aria-label="pinned" /> : null),
  },
  { id: 'category', header: 'Category', width: 110, hidden: true, value: ({ category }) => category },
  { id: 'store', header: 'Store', width: 180, hidden: true, value: ({ storeName }) => storeName },
  { id: 'note', header: 'Note', width: 200, hidden: true, value: ({ note }) => note },
  { id: 'problem', header: 'Problem', width: 240, hidden: true, value: ({ problem }) => problem },
  { id: 'id', header: 'Id', width: 300, hidden: true, mono: true, value: ({ id }) => id },
];
