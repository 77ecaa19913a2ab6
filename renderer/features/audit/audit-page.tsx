import { Button, Drawer, Select } from '@mantine/core';
import { IconListDetails, IconShieldCheck } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { api, useAction, useRequest } from '../../api';
import { DataTable } from '../../components/data-table';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { Facts } from '../../components/facts';
import { JsonBlock } from '../../components/json-block';
import { Notice } from '../../components/notice';
import { Page } from '../../components/page';
import { Timestamp } from '../../components/timestamp';
import { Waiting } from '../../components/waiting';
import { formatQuantity } from '../../../shared/format';
import { auditCategories, type AuditEntry, type AuditVerification } from '../../../shared/audit';
import { useReady } from '../../readiness';
import { auditColumns } from './audit-columns';

const newest = 1000;
const everything = 'everything';

/** Who did what, when, with what result; and whether the record is whole. */
export function AuditPage() {
  const audit = useRequest('audit.list', { offset: 0, limit: newest });
  const [category, setCategory] = useState<string>(everything);
  const [opened, setOpened] = useState<AuditEntry | null>(null);
  const [verification, setVerification] = useState<AuditVerification | null>(null);
  const verify = useAction(async () => setVerification(await api('audit.verify')));
  useReady('Audit', audit.data !== null);
  const entries = useMemo(
    () => audit.data?.entries.filter((entry) => category === everything || entry.category === category) ?? [],
    [audit.data, category],
  );
  const columns = useMemo(() => auditColumns(setOpened), []);
  const total = audit.data?.total ?? 0;
  return (
    <Page
      title="Audit"
      fills
      sentence={
        audit.data
          ? total > newest
            ? `The newest ${formatQuantity(newest, 'entry', 'entries')} of ${formatQuantity(total, 'entry', 'entries')}; the command line exports all.`
            : `${formatQuantity(total, 'entry', 'entries')}, each holding the hash of the one before.`
          : undefined
      }
      actions={
        <Button
          leftSection={<IconShieldCheck size={14} aria-hidden />}
          loading={verify.busy}
          onClick={() => void verify.run()}
        >
          Verify
        </Button>
      }
    >
      {verification ? (
        verification.intact ? (
          <Notice kind="good" title="The record is whole">
            {formatQuantity(verification.entries, 'entry', 'entries')} checked: none was changed, removed or reordered.
          </Notice>
        ) : (
          <Notice kind="bad" title={`The record is broken at line ${verification.brokenAtLine ?? '?'}`}>
            {verification.reason ?? 'The chain of hashes does not hold.'}
          </Notice>
        )
      ) : null}
      {verify.error ? <ErrorPanel error={verify.error} /> : null}
      {audit.error ? <ErrorPanel error={audit.error} onRetry={audit.reload} /> : null}
      {!audit.data && audit.loading ? <Waiting for="Reading the audit" /> : null}
      {audit.data && total === 0 ? (
        <EmptyState icon={<IconListDetails size={32} />} title="Nothing has been done yet">
          Every backup, restore, changed connection and setting is written here, by the window and the command line
          alike.
        </EmptyState>
      ) : null}
      {audit.data && total > 0 ? (
        <DataTable
          label="Audit entries"
          columns={columns}
          rows={entries}
          rowKey={({ sequence }) => String(sequence)}
          initialSort={{ id: 'time', desc: true }}
          onOpen={setOpened}
          filters={
            <Select
              aria-label="Category"
              w={150}
              value={category}
              onChange={(value) => setCategory(value ?? everything)}
              data={[
                { value: everything, label: 'Every category' },
                ...auditCategories.map((value) => ({ value, label: value })),
              ]}
            />
          }
        />
      ) : null}
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="lg"
        title={opened ? `Entry ${opened.sequence}: ${opened.operation}` : ''}
      >
        {opened ? <EntryDetails entry={opened} /> : null}
      </Drawer>
    </Page>
  );
}

function EntryDetails({ entry }: { entry: AuditEntry }) {
  return (
    <>
      <Facts
        facts={[
          { term: 'When', value: <Timestamp value={entry.time} seconds /> },
          {
            term: 'Who',
            value: `${entry.user} on ${entry.host}, by the ${entry.origin === 'cli' ? 'command line' : 'window'}`,
          },
          { term: 'Target', value: entry.target },
          { term: 'Category', value: entry.category },
          { term: 'Result', value: entry.result },
          { term: 'Error', value: entry.error ?? 'none' },
          { term: 'Job', value: entry.jobId ? <code>{entry.jobId}</code> : 'none' },
          { term: 'Hash', value: <code>{entry.hash}</code> },
          { term: 'Hash before', value: <code>{entry.previousHash}</code> },
        ]}
      />
      <h3>Parameters</h3>
      <JsonBlock value={entry.parameters} label="Parameters" />
    </>
  );
}
