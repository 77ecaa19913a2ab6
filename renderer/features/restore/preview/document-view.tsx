import { Checkbox, Switch } from '@mantine/core';
import { useMemo } from 'react';
import type { DifferingDocument, DocumentDiff, NamespaceDiff } from '../../../../shared/diff';
import { useRequest } from '../../../api';
import { CopyAction } from '../../../components/copy-action';
import { ErrorPanel } from '../../../components/error-panel';
import { useStoredState } from '../../../components/use-stored-state';
import { Waiting } from '../../../components/waiting';
import { idText, typedIdText } from '../id-text';
import { changeWords } from '../../../components/mode-words';
import { DocumentRows } from './document-rows';
import { FieldTicks, type TickedPart } from './field-ticks';
import { tickOf, withDocuments, withFields } from './pick-state';
import { usePickStore, useTicks } from './pick-store';
import styles from './preview.module.css';

interface DocumentViewProps {
  previewId: string;
  namespace: NamespaceDiff;
  document: DifferingDocument;
  /** Whether the document and its fields can be ticked. */
  picks: boolean;
}

/** One document, the backup's on the left, the target's on the right, typed. */
export function DocumentView({ previewId, namespace, document, picks }: DocumentViewProps) {
  const { ns } = namespace;
  const diff = useRequest('restore.document', { previewId, ns, index: document.index });
  const [onlyDifferences, setOnlyDifferences] = useStoredState('lifeboat.diff.only-differences', () => true);
  const [types, setTypes] = useStoredState('lifeboat.diff.types', () => true);
  const { type, text } = idText(document.id);
  const change = changeWords[document.change];
  return (
    <>
      <div className={styles.documentHead}>
        {picks ? <DocumentTick previewId={previewId} namespace={namespace} document={document} /> : null}
        <span className="mono wrap-anywhere">
          <span className="dimmed">_id {type}</span> {text}
        </span>
        <CopyAction text={document.id} label="the _id" />
        <span className={change.className}>
          <span aria-hidden>{change.sign}</span> {change.name}
        </span>
        <span className={styles.toggles}>
          <Switch
            label="only differences"
            checked={onlyDifferences}
            onChange={(event) => setOnlyDifferences(event.currentTarget.checked)}
          />
          <Switch label="types" checked={types} onChange={(event) => setTypes(event.currentTarget.checked)} />
        </span>
      </div>
      {diff.error ? <ErrorPanel error={diff.error} onRetry={diff.reload} /> : null}
      {!diff.data && diff.loading ? <Waiting for="Reading both documents" /> : null}
      {diff.data ? (
        <PickableRows
          previewId={previewId}
          namespace={namespace}
          document={document}
          diff={diff.data}
          onlyDifferences={onlyDifferences}
          types={types}
          picks={picks}
        />
      ) : null}
    </>
  );
}

function DocumentTick({ previewId, namespace, document }: Omit<DocumentViewProps, 'picks'>) {
  const { ns, documents } = namespace;
  const state = tickOf(useTicks(previewId, ns), document.change, document.index);
  const change = usePickStore((store) => store.change);
  return (
    <Checkbox
      aria-label={`Pick the whole document ${typedIdText(document.id)}`}
      title="Pick the whole document"
      checked={state === 'whole'}
      indeterminate={state === 'some'}
      onChange={() =>
        change(previewId, ns, (ticks) => withDocuments(ticks, documents, [document.index], state !== 'whole'))
      }
    />
  );
}

interface PickableRowsProps extends DocumentViewProps {
  diff: DocumentDiff;
  onlyDifferences: boolean;
  types: boolean;
}

function PickableRows({ previewId, namespace, document, diff, onlyDifferences, types, picks }: PickableRowsProps) {
  const { ns, documents } = namespace;
  const ticks = useTicks(previewId, ns);
  const change = usePickStore((store) => store.change);
  // Fields can be put back one by one where the document is on both sides.
  const byField = picks && document.change === 'changed' && diff.change === 'changed';
  const fieldTicks = useMemo(
    () => (byField ? new FieldTicks(diff.rows, diff.rowsOmitted === 0) : null),
    [byField, diff],
  );
  const { index } = document;
  const part: TickedPart =
    tickOf(ticks, document.change, index) === 'whole' ? 'whole' : (ticks.fields.get(index) ?? []);
  return (
    <DocumentRows
      diff={diff}
      onlyDifferences={onlyDifferences}
      types={types}
      ticks={
        fieldTicks
          ? {
              of: (at) => fieldTicks.of(at, part),
              toggle: (at) =>
                change(previewId, ns, (before) => withFields(before, documents, index, fieldTicks.toggle(at, part))),
            }
          : null
      }
    />
  );
}
