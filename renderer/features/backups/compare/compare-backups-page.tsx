import { Button, Select } from '@mantine/core';
import { IconGitCompare } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { CatalogueEntry, Manifest } from '../../../../shared/backups';
import { formatCount, formatQuantity } from '../../../../shared/format';
import { useRequest } from '../../../api';
import { DataTable } from '../../../components/data-table';
import { formatLocal, parseDate } from '../../../components/dates';
import { EmptyState } from '../../../components/empty-state';
import { ErrorPanel } from '../../../components/error-panel';
import { Page } from '../../../components/page';
import type { Column } from '../../../components/table-model';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import { useReady } from '../../../readiness';
import { useCatalogue } from '../../../state/catalogue';
import { compareManifests, differs, type ContentChange, type NamespaceChange } from './manifest-diff';

const contents: Record<ContentChange, { sign: string; word: string; className: string }> = {
  same: { sign: '=', word: 'same', className: 'dimmed' },
  changed: { sign: '≠', word: 'changed', className: 'effect-replace' },
  'only-here': { sign: '+', word: 'only in this one', className: 'effect-insert' },
  'only-there': { sign: '−', word: 'only in the other', className: 'effect-delete' },
  unknown: { sign: '?', word: 'not known', className: 'dimmed' },
};

const none = <span className="dimmed">–</span>;

/** "+12", "−3": this one's documents beyond the other's. */
function differenceOf({ here, there }: NamespaceChange): number | null {
  return here && there ? here.documents - there.documents : null;
}

const documents = (count: number | undefined) => (count === undefined ? none : formatCount(count));

function Names({ change: { here, there }, of }: { change: NamespaceChange; of: readonly string[] }) {
  if (!here || !there) return none;
  return of.length === 0 ? <span className="dimmed">=</span> : <>{of.join(', ')}</>;
}

const columns: readonly Column<NamespaceChange>[] = [
  { id: 'namespace', header: 'Namespace', width: 200, grow: 2, mono: true, value: ({ ns }) => ns },
  {
    id: 'content',
    header: 'Documents are',
    width: 150,
    value: ({ content }) => contents[content].word,
    cell: ({ content }) => {
      const { sign, word, className } = contents[content];
      return (
        <span className={className}>
          <span aria-hidden>{sign}</span> {word}
        </span>
      );
    },
  },
  {
    id: 'here',
    header: 'This one',
    width: 100,
    align: 'right',
    value: ({ here }) => here?.documents ?? null,
    cell: ({ here }) => documents(here?.documents),
  },
  {
    id: 'there',
    header: 'The other',
    width: 100,
    align: 'right',
    value: ({ there }) => there?.documents ?? null,
    cell: ({ there }) => documents(there?.documents),
  },
  {
    id: 'difference',
    header: 'Difference',
    width: 96,
    align: 'right',
    value: differenceOf,
    cell: (change) => {
      const difference = differenceOf(change);
      if (difference === null || difference === 0) return <span className="dimmed">{difference ?? '–'}</span>;
      return `${difference > 0 ? '+' : '−'}${formatCount(Math.abs(difference))}`;
    },
  },
  {
    id: 'indexes',
    header: 'Indexes that differ',
    width: 140,
    grow: true,
    value: ({ indexes }) => indexes.join(', ') || null,
    cell: (change) => <Names change={change} of={change.indexes} />,
  },
  {
    id: 'options',
    header: 'Options that differ',
    width: 140,
    grow: true,
    value: ({ options }) => options.join(', ') || null,
    cell: (change) => <Names change={change} of={change.options} />,
  },
];

function labelOf(entry: CatalogueEntry): string {
  const when = parseDate(entry.createdAt);
  return [when ? formatLocal(when, true) : null, entry.sourceName, entry.scope].filter(Boolean).join(' · ') || entry.id;
}

function sentenceOf(changes: readonly NamespaceChange[]): string {
  const count = changes.filter(differs).length;
  if (count === 0) return `${formatQuantity(changes.length, 'namespace')}, all the same in both.`;
  return `${formatCount(count)} of ${formatQuantity(changes.length, 'namespace')} differ, by the hashes that were taken when the backups were made.`;
}

interface CompareBackupsPageProps {
  id: string;
  /** Null: the one made before it. */
  otherId: string | null;
}

/** What two backups hold differently, without reading either of them. */
export function CompareBackupsPage({ id, otherId }: CompareBackupsPageProps) {
  const entries = useCatalogue((state) => state.entries);
  const own = entries?.find((entry) => entry.id === id) ?? null;
  const others = useMemo(
    () =>
      (entries ?? [])
        .filter((entry) => entry.id !== id && entry.documents !== null && entry.type !== 'undo')
        .sort(
          (left, right) =>
            Number(right.sourceName === own?.sourceName) - Number(left.sourceName === own?.sourceName) ||
            (right.createdAt ?? '').localeCompare(left.createdAt ?? ''),
        ),
    [entries, id, own],
  );
  const before = others.find(
    (entry) => entry.sourceName === own?.sourceName && (entry.createdAt ?? '') < (own?.createdAt ?? ''),
  );
  const chosen = otherId ?? before?.id ?? others[0]?.id ?? null;
  const here = useRequest('backups.show', { id });
  const there = useRequest('backups.show', { id: chosen ?? '' }, { enabled: chosen !== null });
  useReady('Compare backups', here.data !== null);
  const error = here.error ?? there.error;
  const ours = here.data?.manifest ?? null;
  const theirs = there.data?.entry.id === chosen ? there.data.manifest : null;
  return (
    <Page
      title={own ? `Compare ${labelOf(own)}` : 'Compare backups'}
      back={{ label: 'Backup', path: paths.backup(id) }}
      fills
      sentence={ours && theirs ? sentenceOf(compareManifests(ours, theirs)) : undefined}
    >
      {error ? <ErrorPanel error={error} /> : null}
      {entries && others.length === 0 ? (
        <EmptyState
          icon={<IconGitCompare size={32} />}
          title="There is no other backup yet"
          actions={<Button onClick={() => goTo(paths.newBackup)}>Back up</Button>}
        >
          Two backups are compared by what their manifests say of each namespace: documents, content hash, indexes and
          options.
        </EmptyState>
      ) : (
        <Select
          label="The other backup"
          w={520}
          style={{ flex: 'none' }}
          searchable
          value={chosen}
          data={others.map((entry) => ({ value: entry.id, label: labelOf(entry) }))}
          onChange={(value) => (value === null ? undefined : goTo(paths.compareBackups(id, value)))}
        />
      )}
      {ours && theirs ? <Compared here={ours} there={theirs} /> : null}
      {chosen !== null && !error && !(ours && theirs) ? <Waiting for="Reading both manifests" /> : null}
    </Page>
  );
}

function Compared({ here, there }: { here: Manifest; there: Manifest }) {
  const changes = useMemo(() => compareManifests(here, there), [here, there]);
  return (
    <DataTable
      label="Namespaces of both backups"
      columns={columns}
      rows={changes}
      rowKey={({ ns }) => ns}
      height="fill"
      nothing="Neither holds a namespace."
    />
  );
}
