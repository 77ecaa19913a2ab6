import { formatBytes, formatCount } from '../../shared/format';
import type { Column } from './table-model';

interface Sized {
  documents: number | null;
  bytes: number | null;
}

const unknown = <span className="dimmed">unknown</span>;

/** Documents and size of what a row holds; null where the server does not tell. */
export function sizeColumns<Row extends Sized>(): Column<Row>[] {
  return [
    {
      id: 'documents',
      header: 'Documents',
      width: 130,
      align: 'right',
      value: ({ documents }) => documents,
      cell: ({ documents }) => (documents === null ? unknown : formatCount(documents)),
    },
    {
      id: 'bytes',
      header: 'Size',
      width: 110,
      align: 'right',
      value: ({ bytes }) => bytes,
      cell: ({ bytes }) => (bytes === null ? unknown : formatBytes(bytes)),
    },
  ];
}
