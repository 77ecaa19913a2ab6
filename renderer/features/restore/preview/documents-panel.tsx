import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import type { DifferingDocument, NamespaceDiff, RestoreMode } from '../../../../shared/diff';
import { formatCount } from '../../../../shared/format';
import { ErrorPanel } from '../../../components/error-panel';
import { Waiting } from '../../../components/waiting';
import { DocumentList } from './document-list';
import { everyDocument, type DocumentQuery } from './document-query';
import { DocumentView } from './document-view';
import { DocumentsToolbar } from './documents-toolbar';
import { PathStrip } from './path-strip';
import { PickBar } from './pick-bar';
import { noTicks, pickOf } from './pick-state';
import { usePickStore } from './pick-store';
import { predictedEffect } from './predicted-effect';
import { useDocumentPages } from './use-document-pages';
import { useListTicks } from './use-list-ticks';
import styles from './preview.module.css';

interface DocumentsPanelProps {
  previewId: string;
  namespace: NamespaceDiff;
  mode: RestoreMode;
  /** What is searched for at first. */
  search: string | null;
}

/** The differing documents of a namespace: filter, list, and the one that is open as a two-column diff. */
export function DocumentsPanel({ previewId, namespace, mode, search }: DocumentsPanelProps) {
  const { ns, documents, details, comparedBy } = namespace;
  const [query, setQuery] = useState<DocumentQuery>({ ...everyDocument, search });
  if (documents.changed + documents.onlyInBackup + documents.onlyInTarget === 0) {
    return (
      <p className={styles.nothing}>
        {comparedBy === 'none'
          ? 'The documents were not compared.'
          : `All ${formatCount(documents.same)} documents are the same on both sides.`}
      </p>
    );
  }
  const onPath = (path: string | null) =>
    // Only documents on both sides have changed paths.
    setQuery({ ...query, path, change: path === null ? query.change : 'changed' });
  return (
    <div>
      <DocumentsToolbar ns={ns} counts={documents} query={query} onQuery={setQuery} />
      {details ? <PathStrip details={details} path={query.path} onPath={onPath} /> : null}
      <ListedDocuments
        key={JSON.stringify(query)}
        previewId={previewId}
        namespace={namespace}
        mode={mode}
        query={query}
      />
    </div>
  );
}

interface ListedDocumentsProps {
  previewId: string;
  namespace: NamespaceDiff;
  mode: RestoreMode;
  query: DocumentQuery;
}

/** So long a document must stay chosen to be opened: keys held down pass many. */
const openingMs = 80;

/** The documents of one query. */
function ListedDocuments({ previewId, namespace, mode, query }: ListedDocumentsProps) {
  const { ns, documents } = namespace;
  const [position, setPosition] = useState(0);
  const pages = useDocumentPages(previewId, ns, query);
  const picks = mode === 'pick';
  const ticks = useListTicks({ previewId, ns, counts: documents }, query, pages, picks);
  const clear = usePickStore((state) => state.change);
  const effect = useMemo(() => {
    const pick = pickOf(ns, ticks.ticks);
    return predictedEffect('pick', [namespace], pick ? [pick] : []);
  }, [ns, namespace, ticks.ticks]);
  // What is open stays so when its page is let go of.
  const chosen = pages.at(position);
  const [open, setOpen] = useState<{ position: number; document: DifferingDocument } | null>(null);
  if (chosen && (open?.position !== position || open.document !== chosen)) setOpen({ position, document: chosen });
  const [settled] = useDebouncedValue(open?.position === position ? open.document : null, openingMs, {
    leading: true,
  });
  const error = pages.error ?? ticks.error;
  return (
    <>
      {picks && pages.total !== null ? (
        <PickBar
          ticks={ticks}
          total={pages.total}
          effect={effect}
          onClear={() => clear(previewId, ns, () => noTicks)}
        />
      ) : null}
      {error ? (
        <div style={{ padding: 8 }}>
          <ErrorPanel error={error} onRetry={pages.retry} />
        </div>
      ) : null}
      {pages.total === null && !pages.error ? (
        <div className={styles.waiting}>
          <Waiting for="Reading the differing documents" />
        </div>
      ) : null}
      {pages.total === 0 ? (
        <p className={styles.nothing}>
          {query.search === null ? 'None of this kind.' : `No differing document has an _id like ${query.search}.`}
        </p>
      ) : null}
      {pages.total !== null && pages.total > 0 ? (
        <div className={styles.split}>
          <DocumentList
            label={`Differing documents of ${ns}`}
            total={pages.total}
            pages={pages}
            position={position}
            mode={mode}
            ticks={picks ? ticks : null}
            onPosition={setPosition}
          />
          <div className={styles.document}>
            {settled ? (
              <DocumentView
                key={settled.index}
                previewId={previewId}
                namespace={namespace}
                document={settled}
                picks={picks}
              />
            ) : (
              <Waiting for="Reading the document" />
            )}
          </div>
        </div>
      ) : null}
    </>
  );
}
