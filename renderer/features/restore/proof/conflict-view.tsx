import { Modal, Switch, Table } from '@mantine/core';
import { useMemo, useState } from 'react';
import { formatQuantity, maskControlCharacters } from '../../../../shared/format';
import type { Conflict } from '../../../../shared/restore';
import { CopyAction } from '../../../components/copy-action';
import { typedIdText } from '../id-text';
import { versionNames, versionRows, type VersionKind, type VersionName } from './three-versions';
import styles from './proof.module.css';

const columnWords: Record<VersionName, string> = {
  backup: 'in the backup',
  preview: 'as previewed',
  now: 'in the target then',
};
/** What an undo puts back is no backup to its user. */
const undoWords = { ...columnWords, backup: 'before the restore' };

const kinds: Record<VersionKind, { sign: string; word: string; className: string }> = {
  same: { sign: '=', word: 'same', className: 'dimmed' },
  someone: { sign: '≠', word: 'changed by someone else since the preview', className: 'effect-replace' },
  restore: { sign: '→', word: 'only the restore would have changed it', className: '' },
  known: { sign: '≠', word: 'differs', className: 'effect-replace' },
};

interface ConflictViewProps {
  conflict: Conflict | null;
  isUndo: boolean;
  onClose: () => void;
}

/** A document that was left alone: the backup's, the one that was previewed, and the one that was met. */
export function ConflictView({ conflict, isUndo, onClose }: ConflictViewProps) {
  return (
    <Modal
      opened={conflict !== null}
      onClose={onClose}
      size="min(1200px, 94vw)"
      title={
        conflict ? (
          <span className="mono wrap-anywhere">
            {conflict.ns} _id {typedIdText(conflict.id)}
          </span>
        ) : null
      }
    >
      {conflict ? <Versions conflict={conflict} isUndo={isUndo} /> : null}
    </Modal>
  );
}

function Versions({ conflict, isUndo }: { conflict: Conflict; isUndo: boolean }) {
  const { versions, reason } = conflict;
  const [onlyDifferences, setOnlyDifferences] = useState(true);
  const rows = useMemo(() => (versions ? versionRows(versions) : []), [versions]);
  if (!versions) {
    return (
      <p className={styles.reason}>
        {reason} <span className="dimmed">Its versions were not kept.</span>
      </p>
    );
  }
  const shown = onlyDifferences ? rows.filter(({ kind }) => kind !== 'same') : rows;
  // A version that nobody kept has no column; the backup's and the one that was met are always asked about.
  const columns = versionNames.filter((name) => name !== 'preview' || versions.preview !== undefined);
  const words = isUndo ? undoWords : columnWords;
  const someone = rows.filter(({ kind }) => kind === 'someone').length;
  return (
    <>
      <div className={styles.conflictHead}>
        <p className={styles.reason}>
          {reason}
          {someone > 0 ? ` ${formatQuantity(someone, 'field')} changed by someone else.` : ''}
        </p>
        <Switch
          label="only differences"
          checked={onlyDifferences}
          onChange={(event) => setOnlyDifferences(event.currentTarget.checked)}
        />
      </div>
      <div className={styles.versions} tabIndex={0} role="region" aria-label="Versions, scrollable">
        <Table aria-label="Versions of the document" verticalSpacing={4} horizontalSpacing={8} layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">field</Table.Th>
              {columns.map((name) => (
                <Table.Th key={name} scope="col">
                  <VersionHead words={words[name]} text={versions[name]} />
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((row) => {
              const { sign, word, className } = kinds[row.kind];
              return (
                <Table.Tr key={row.path}>
                  <Table.Td className="mono wrap-anywhere">
                    <span className={`${styles.sign} ${className}`} role="img" aria-label={word} title={word}>
                      {sign}
                    </span>
                    {maskControlCharacters(row.path)}
                  </Table.Td>
                  {columns.map((name) => (
                    <Table.Td key={name} className="mono wrap-anywhere" bg={surfaceOf(row.kind, name)}>
                      <Value value={row[name]} isKnown={versions[name] !== undefined} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
      {shown.length === 0 ? (
        <p className="dimmed">
          No field differs: they stand in another order, or the bytes differ in what is not shown.
        </p>
      ) : null}
    </>
  );
}

function surfaceOf(kind: VersionKind, name: VersionName): string | undefined {
  if (kind === 'same') return undefined;
  if (name === 'now' && kind === 'someone') return 'var(--lb-warning-surface)';
  return name === 'backup' ? 'var(--lb-insert-surface)' : undefined;
}

function VersionHead({ words, text }: { words: string; text: string | null | undefined }) {
  return (
    <span className={styles.versionHead}>
      {words}
      {text === undefined ? <span className="dimmed">not known</span> : null}
      {text === null ? <span className="dimmed">not there</span> : null}
      {typeof text === 'string' ? <CopyAction text={text} label={`the document ${words}`} /> : null}
    </span>
  );
}

function Value({ value, isKnown }: { value: string | null; isKnown: boolean }) {
  if (!isKnown) return <span className="dimmed">?</span>;
  return value === null ? <span className="dimmed">(absent)</span> : <>{maskControlCharacters(value)}</>;
}
