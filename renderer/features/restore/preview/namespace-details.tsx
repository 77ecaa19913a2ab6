import { SimpleGrid, Stack, Tabs } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { IndexChange, NamespaceDiff, RestoreMode } from '../../../../shared/diff';
import { formatCount } from '../../../../shared/format';
import { JsonBlock } from '../../../components/json-block';
import { Section } from '../../../components/page';
import { comparedSentence } from './compared-text';
import { DocumentsPanel } from './documents-panel';
import { indexMarks } from './namespace-marks';
import styles from './preview.module.css';

export type DetailsTab = 'documents' | 'indexes' | 'options';

/** What of a namespace is asked for: it is scrolled to and has the focus then. */
export interface AskedDetails {
  tab: DetailsTab;
  /** `_id` to search for, as Extended JSON. */
  search: string | null;
}

interface NamespaceDetailsProps {
  previewId: string;
  namespace: NamespaceDiff;
  mode: RestoreMode;
  /** Null: what is most likely come for. */
  asked: AskedDetails | null;
}

/** One namespace opened: its differing documents, indexes and options. */
export function NamespaceDetails({ previewId, namespace, mode, asked }: NamespaceDetailsProps) {
  const { documents, indexes, options, ns, type } = namespace;
  const differing = documents.changed + documents.onlyInBackup + documents.onlyInTarget;
  const metadataDiffers = indexMarks(namespace) !== '=' || !options.same;
  const first =
    type === 'view' || (differing === 0 && metadataDiffers) ? (options.same ? 'indexes' : 'options') : 'documents';
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!asked || !frame.current) return;
    frame.current.scrollIntoView({ block: 'start' });
    frame.current.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus({ preventScroll: true });
  }, [asked]);
  return (
    <div ref={frame} className={styles.details}>
      <Section title={ns} flush>
        <Tabs defaultValue={asked?.tab ?? first}>
          <Tabs.List aria-label={`Differences of ${ns}`} px={8}>
            {type === 'view' ? null : <Tabs.Tab value="documents">Documents {formatCount(differing)}</Tabs.Tab>}
            <Tabs.Tab value="indexes">Indexes {indexMarks(namespace)}</Tabs.Tab>
            <Tabs.Tab value="options">Options {options.same ? '=' : '≠'}</Tabs.Tab>
            <span className={styles.comparedHere} title={namespace.comparedReason ?? undefined}>
              {comparedSentence(namespace)}
            </span>
          </Tabs.List>
          {type === 'view' ? null : (
            <Tabs.Panel value="documents">
              <DocumentsPanel previewId={previewId} namespace={namespace} mode={mode} search={asked?.search ?? null} />
            </Tabs.Panel>
          )}
          <Tabs.Panel value="indexes" className={styles.metadataPanel}>
            <Stack gap={16}>
              <IndexGroup title="Only in the backup" changes={indexes.add} />
              <IndexGroup title="Specified differently" changes={indexes.change} />
              <IndexGroup title="Only in the target" changes={indexes.remove} />
              {indexes.same.length > 0 ? (
                <p className={styles.metadata}>
                  Same on both sides:{' '}
                  <span className="mono wrap-anywhere">{indexes.same.map(({ name }) => name).join(', ')}</span>
                </p>
              ) : null}
              {indexMarks(namespace) === '=' && indexes.same.length === 0 ? (
                <span className="dimmed">No indexes.</span>
              ) : null}
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="options" className={styles.metadataPanel}>
            {options.same ? <p className={styles.metadata}>The options are the same on both sides.</p> : null}
            <SideBySide backup={options.backup} target={options.target} name={`options of ${ns}`} />
          </Tabs.Panel>
        </Tabs>
      </Section>
    </div>
  );
}

function IndexGroup({ title, changes }: { title: string; changes: readonly IndexChange[] }) {
  if (changes.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <Stack gap={8}>
        {changes.map(({ name, backup, target }) => (
          <div key={name}>
            <span className="mono wrap-anywhere">{name}</span>
            <SideBySide backup={backup} target={target} name={`index ${name}`} />
          </div>
        ))}
      </Stack>
    </div>
  );
}

function SideBySide({ backup, target, name }: { backup: unknown; target: unknown; name: string }) {
  return (
    <SimpleGrid cols={2} spacing={8}>
      <div>
        <span className="dimmed">in the backup</span>
        <JsonBlock value={backup} label={`${name} in the backup`} />
      </div>
      <div>
        <span className="dimmed">in the target now</span>
        <JsonBlock value={target} label={`${name} in the target`} />
      </div>
    </SimpleGrid>
  );
}
