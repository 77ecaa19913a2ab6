import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { documentChanges, type DocumentChange, type NamespaceDiff, type RestoreMode } from '../../../../shared/diff';
import { formatCount } from '../../../../shared/format';
import { ErrorPanel } from '../../../components/error-panel';
import { Waiting } from '../../../components/waiting';
import { changeWords } from '../mode-words';
import { DocumentList } from './document-list';
import { DocumentView } from './document-view';
import { useDocumentPages } from './use-document-pages';
import styles from './preview.module.css';

interface DocumentsPanelProps {
  previewId: string;
  namespace: NamespaceDiff;
  mode: RestoreMode;
}

const everything = 'all';
const order: readonly DocumentChange[] = ['onlyInBackup', 'changed', 'onlyInTarget'];

/** The differing documents of a namespace: filter, list, and the one that is open as a two-column diff. */
export function DocumentsPanel({ previewId, namespace, mode }: DocumentsPanelProps) {
  const { ns, documents } = namespace;
  const differing = documents.changed + documents.onlyInBackup + documents.onlyInTarget;
  const [filter, setFilter] = useState<DocumentChange | null>(null);
  const [position, setPosition] = useState(0);
  const pages = useDocumentPages(previewId, ns, filter);
  if (differing === 0) {
    return (
      <p className={styles.nothing}>
        {namespace.comparedBy === 'none'
          ? 'The documents were not compared.'
          : `All ${formatCount(documents.same)} documents are the same on both sides.`}
      </p>
    );
  }
  const open = pages.at(position);
  return (
    <div>
      <div className={styles.filterBar}>
        <SegmentedControl
          aria-label="Which differences"
          value={filter ?? everything}
          onChange={(value) => {
            setFilter(documentChanges.find((known) => known === value) ?? null);
            setPosition(0);
          }}
          data={[
            { value: everything, label: `all ${formatCount(differing)}` },
            ...order.map((change) => ({
              value: change,
              label: `${changeWords[change].sign} ${changeWords[change].name} ${formatCount(documents[change])}`,
            })),
          ]}
        />
      </div>
      {pages.error ? (
        <div style={{ padding: 8 }}>
          <ErrorPanel error={pages.error} onRetry={pages.retry} />
        </div>
      ) : null}
      {pages.total === null && !pages.error ? (
        <div style={{ padding: '0 16px' }}>
          <Waiting for="Reading the differing documents" />
        </div>
      ) : null}
      {pages.total === 0 ? <p className={styles.nothing}>None of this kind.</p> : null}
      {pages.total !== null && pages.total > 0 ? (
        <div className={styles.split}>
          <DocumentList
            label={`Differing documents of ${ns}`}
            total={pages.total}
            pages={pages}
            position={position}
            mode={mode}
            onPosition={setPosition}
          />
          <div className={styles.document}>
            {open ? (
              <DocumentView key={open.index} previewId={previewId} ns={ns} document={open} />
            ) : (
              <Waiting for="Reading the document" />
            )}
          </div>
        </div>
      ) : null}
    </div>
  );
}
