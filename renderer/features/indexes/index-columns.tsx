import { Anchor } from '@mantine/core';
import { formatBytes, formatCount } from '../../../shared/format';
import type { IndexFinding, ReviewedIndex } from '../../../shared/indexes';
import { StateMark } from '../../components/state-mark';
import type { Column } from '../../components/table-model';
import { daysText, optionsText, totalUses, usedText } from './index-text';

export interface IndexRow extends ReviewedIndex {
  findings: IndexFinding[];
}

const none = <span className="dimmed">–</span>;
const findingWords: Partial<Record<IndexFinding['code'], string>> = {
  redundant: 'redundant',
  unused: 'unused',
  hidden: 'hidden',
  building: 'being built',
  'missing-ttl': 'no expiry',
};

function findingsText({ findings }: IndexRow): string {
  return findings.map(({ code }) => findingWords[code] ?? code).join(', ');
}

export function indexColumns(onOpen: (row: IndexRow) => void): Column<IndexRow>[] {
  return [
    {
      id: 'ns',
      header: 'Namespace',
      width: 150,
      grow: 2,
      mono: true,
      value: ({ ns }) => ns,
    },
    {
      id: 'name',
      header: 'Index',
      width: 140,
      grow: 2,
      mono: true,
      value: ({ name }) => name,
      cell: (row) => (
        <Anchor
          component="button"
          type="button"
          size="sm"
          className="clip"
          title={row.name}
          onClick={() => onOpen(row)}
        >
          {row.name}
        </Anchor>
      ),
    },
    { id: 'key', header: 'Keys', width: 150, grow: 3, mono: true, value: ({ keyText }) => keyText },
    { id: 'options', header: 'Kind', width: 90, grow: 1, value: ({ options }) => optionsText(options) || null },
    {
      id: 'bytes',
      header: 'Size',
      width: 85,
      align: 'right',
      value: ({ bytes }) => bytes,
      cell: ({ bytes }) => (bytes === null ? none : formatBytes(bytes)),
    },
    {
      id: 'uses',
      header: 'Uses',
      width: 80,
      align: 'right',
      value: totalUses,
      cell: (row) => {
        const total = totalUses(row);
        return total === null ? none : formatCount(total);
      },
    },
    {
      id: 'used',
      header: 'Used',
      width: 105,
      value: ({ used }) => usedText[used],
      cell: ({ used }) => (
        <span className={used === 'nowhere' || used === 'unknown' ? 'dimmed' : undefined}>{usedText[used]}</span>
      ),
    },
    {
      id: 'observed',
      header: 'Counted for',
      width: 110,
      align: 'right',
      hidden: true,
      value: ({ observedDays }) => observedDays,
      cell: ({ observedDays }) => daysText(observedDays),
    },
    {
      id: 'findings',
      header: 'Findings',
      width: 150,
      grow: 1,
      value: (row) => findingsText(row) || null,
      cell: (row) => {
        if (row.findings.length === 0) return none;
        const warns = row.findings.some(({ severity }) => severity === 'warning');
        return <StateMark state={warns ? 'warning' : 'unknown'}>{findingsText(row)}</StateMark>;
      },
    },
  ];
}
