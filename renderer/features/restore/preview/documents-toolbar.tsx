import { ActionIcon, SegmentedControl, Select, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { useState } from 'react';
import { documentChanges } from '../../../../shared/diff';
import { formatCount } from '../../../../shared/format';
import { changeOrder, type ChangeCounts } from '../../../../shared/picks';
import { documentSorts, type DocumentsRequest } from '../../../../shared/restore';
import { changeWords } from '../../../components/mode-words';
import type { DocumentQuery } from './document-query';
import styles from './preview.module.css';

const everything = 'all';
const typingMs = 300;

const sortWords: Record<DocumentsRequest['sort'], string> = {
  position: 'as compared',
  id: 'by _id',
  change: 'by kind',
};

interface DocumentsToolbarProps {
  ns: string;
  counts: ChangeCounts;
  query: DocumentQuery;
  onQuery: (query: DocumentQuery) => void;
}

/** Kind of difference, search by _id, order. */
export function DocumentsToolbar({ ns, counts, query, onQuery }: DocumentsToolbarProps) {
  const [text, setText] = useState(query.search ?? '');
  const search = useDebouncedCallback((typed: string) => {
    const trimmed = typed.trim();
    onQuery({ ...query, search: trimmed === '' ? null : trimmed });
  }, typingMs);
  const isAscending = query.direction === 'ascending';
  const turn = isAscending ? 'Sort descending' : 'Sort ascending';
  const differing = counts.changed + counts.onlyInBackup + counts.onlyInTarget;
  return (
    <div className={styles.filterBar} role="group" aria-label={`Differing documents of ${ns}: filter and order`}>
      <SegmentedControl
        aria-label="Which differences"
        value={query.change ?? everything}
        onChange={(value) => {
          const change = documentChanges.find((known) => known === value) ?? null;
          // What is on one side only has no changed paths.
          const path = change === null || change === 'changed' ? query.path : null;
          onQuery({ ...query, change, path });
        }}
        data={[
          { value: everything, label: `all ${formatCount(differing)}` },
          ...changeOrder.map((change) => ({
            value: change,
            label: `${changeWords[change].sign} ${changeWords[change].name} ${formatCount(counts[change])}`,
          })),
        ]}
      />
      <span className={styles.listTools}>
        <TextInput
          aria-label="Search by _id"
          placeholder="Search by _id"
          title="An ObjectId or its first digits, a number, a date, a UUID, the beginning of a string, or Extended JSON"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
          w={168}
        />
        <Select
          aria-label="Order"
          value={query.sort}
          data={documentSorts.map((value) => ({ value, label: sortWords[value] }))}
          onChange={(value) => {
            const sort = documentSorts.find((known) => known === value);
            if (sort) onQuery({ ...query, sort });
          }}
          allowDeselect={false}
          w={124}
        />
        <Tooltip label={turn}>
          <ActionIcon
            aria-label={turn}
            onClick={() => onQuery({ ...query, direction: isAscending ? 'descending' : 'ascending' })}
          >
            {isAscending ? <IconSortAscending size={16} aria-hidden /> : <IconSortDescending size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      </span>
    </div>
  );
}
