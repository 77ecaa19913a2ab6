import { formatBytes, formatCount } from '../../shared/format';
import type { Column } from './table-model';

/** As MongoDB's manual calls them. */
export const namespaceTypeWords = {
  collection: 'collection',
  view: 'view',
  timeseries: 'time series',
} as const;

interface Sized {
  type?: 'collection' | 'view' | 'timeseries';
  documents: number | null;
  bytes: number | null;
}

const unknown = <span className="dimmed">unknown</span>;
const none = <span className="dimmed">–</span>;

function DocumentsCell({ type, documents }: Sized) {
  if (type === 'view') return none;
  if (documents === null) return unknown;
  // A time series is kept, backed up and counted in buckets of many measurements.
  return (
    <>
      {type === 'timeseries' ? <span className="dimmed">buckets </span> : null}
      {formatCount(documents)}
    </>
  );
}

/** Documents and size of what a row holds; null where the server does not tell. A view holds nothing. */
export function sizeColumns<Row extends Sized>(): Column<Row>[] {
  return [
    {
      id: 'documents',
      header: 'Documents',
      width: 130,
      align: 'right',
      value: ({ documents }) => documents,
      cell: (row) => <DocumentsCell {...row} />,
    },
    {
      id: 'bytes',
      header: 'Size',
      width: 110,
      align: 'right',
      value: ({ bytes }) => bytes,
      cell: ({ type, bytes }) => (type === 'view' ? none : bytes === null ? unknown : formatBytes(bytes)),
    },
  ];
}
