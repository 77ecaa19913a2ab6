import { Anchor, Drawer, Table } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { CatalogueEntry, ClusterTime, Manifest, ManifestNamespace, Verification } from '../../../shared/backups';
import { formatRuns } from '../../../shared/command-text';
import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../../shared/format';
import { CommandBlock } from '../../components/command-block';
import { DataTable } from '../../components/data-table';
import { Facts, type Fact } from '../../components/facts';
import { JsonBlock } from '../../components/json-block';
import { Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import { namespaceTypeWords, sizeColumns } from '../../components/size-columns';
import type { Column } from '../../components/table-model';
import { Age, Timestamp } from '../../components/timestamp';

const levels = { 1: 'file', 2: 'structure', 3: 'restore' } as const;

interface VerificationSectionProps {
  entry: CatalogueEntry;
  verifications: readonly Verification[];
}

/** The history of checks, newest first. */
export function VerificationSection({ entry, verifications }: VerificationSectionProps) {
  const newest = verifications[0] ?? entry.verification;
  return (
    <Section
      title="Verification"
      flush={verifications.length > 0}
      aside={
        newest ? (
          <StateMark state={newest.ok ? 'good' : 'bad'}>
            {newest.ok ? 'Good' : 'Problems found'}, level {newest.level} ({levels[newest.level]}),{' '}
            <Age value={newest.at} />
          </StateMark>
        ) : (
          <StateMark state="unknown">Never verified</StateMark>
        )
      }
    >
      {verifications.length === 0 ? (
        <span className="dimmed">Not re-read yet: a backup is good only once it was checked.</span>
      ) : (
        <Table aria-label="Verification history" verticalSpacing={4} horizontalSpacing={16}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">When</Table.Th>
              <Table.Th scope="col">Level</Table.Th>
              <Table.Th scope="col">Result</Table.Th>
              <Table.Th scope="col" ta="right">
                Took
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {verifications.map((verification) => (
              <Table.Tr key={`${verification.at}${verification.level}`}>
                <Table.Td>
                  <Timestamp value={verification.at} seconds />
                </Table.Td>
                <Table.Td>
                  {verification.level} ({levels[verification.level]})
                </Table.Td>
                <Table.Td>
                  <StateMark state={verification.ok ? 'good' : 'bad'}>
                    {verification.ok ? 'good' : formatQuantity(verification.problems.length, 'problem')}
                  </StateMark>
                  {verification.problems.map((problem, index) => (
                    <div key={index} className="wrap-anywhere">
                      {problem.message}
                      {problem.documentsLost === null
                        ? ''
                        : ` ${formatQuantity(problem.documentsLost, 'document')} lost`}
                      {problem.documentsSaved === null ? '' : `, ${formatCount(problem.documentsSaved)} saved`}
                      {problem.namespaces.length > 0 ? ` (${problem.namespaces.join(', ')})` : ''}
                    </div>
                  ))}
                </Table.Td>
                <Table.Td ta="right">{formatDuration(verification.elapsedMs / 1000)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

const nameOf = ({ database, collection }: ManifestNamespace) => `${database}.${collection}`;

function namespaceColumns(open: (namespace: ManifestNamespace) => void): readonly Column<ManifestNamespace>[] {
  return [
    {
      id: 'namespace',
      header: 'Namespace',
      width: 240,
      grow: true,
      mono: true,
      value: nameOf,
      cell: (namespace) => (
        <Anchor component="button" type="button" className="mono" onClick={() => open(namespace)}>
          {nameOf(namespace)}
        </Anchor>
      ),
    },
    { id: 'type', header: 'Type', width: 110, value: ({ type }) => namespaceTypeWords[type] },
    ...sizeColumns(),
    { id: 'indexes', header: 'Indexes', width: 90, align: 'right', value: ({ indexes }) => indexes.length },
    {
      id: 'options',
      header: 'Options',
      width: 200,
      grow: true,
      value: ({ options }) => Object.keys(options).sort().join(', '),
    },
    { id: 'uuid', header: 'UUID', width: 280, hidden: true, mono: true, value: ({ uuid }) => uuid },
    {
      id: 'hash',
      header: 'Content hash',
      width: 280,
      hidden: true,
      mono: true,
      value: ({ contentHash }) => contentHash,
    },
  ];
}

const rowHeight = 28;

/** The namespaces with their counts, indexes and options. */
export function ContentsSection({ manifest }: { manifest: Manifest }) {
  const [opened, setOpened] = useState<ManifestNamespace | null>(null);
  const columns = useMemo(() => namespaceColumns(setOpened), []);
  const height = Math.min(560, 96 + manifest.namespaces.length * rowHeight);
  return (
    <Section title="What is inside" flush>
      <DataTable
        label="Namespaces"
        columns={columns}
        rows={manifest.namespaces}
        rowKey={nameOf}
        initialSort={{ id: 'namespace', desc: false }}
        height={height}
        onOpen={setOpened}
        bare
      />
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="lg"
        title={opened ? nameOf(opened) : ''}
      >
        {opened ? (
          <>
            <h3>Indexes</h3>
            <JsonBlock value={opened.indexes} label="Indexes" />
            <h3>Options</h3>
            <JsonBlock value={opened.options} label="Options" />
          </>
        ) : null}
      </Drawer>
    </Section>
  );
}

const clusterTimeText = (time: ClusterTime | null) => (time === null ? 'unknown' : `${time.seconds}.${time.increment}`);

function originFacts(entry: CatalogueEntry, manifest: Manifest | null): Fact[] {
  const facts: Fact[] = [
    { term: 'Store', value: entry.storeName },
    { term: 'Folder', value: <code>{entry.path}</code> },
  ];
  if (!manifest) return facts;
  const { source, file, tools, oplog } = manifest;
  facts.push(
    { term: 'Type', value: `${manifest.type}, ${manifest.category}` },
    { term: 'Source', value: `${source.name} (${source.topology}${source.setName ? ` ${source.setName}` : ''})` },
    { term: 'Hosts', value: <code>{source.hosts.join(', ') || 'unknown'}</code> },
    { term: 'Read from', value: <code>{source.memberReadFrom ?? 'unknown'}</code> },
    {
      term: 'Server',
      value: `MongoDB ${source.serverVersion ?? 'unknown'}, feature compatibility ${source.featureCompatibilityVersion ?? 'unknown'}`,
    },
    { term: 'Tools', value: `mongodump ${tools.mongodump ?? 'unknown'}, Lifeboat ${tools.lifeboat}` },
    { term: 'Parent', value: manifest.parent ? <code>{manifest.parent}</code> : 'none: complete by itself' },
    { term: 'Started', value: <Timestamp value={manifest.createdAt} seconds /> },
    { term: 'Completed', value: <Timestamp value={manifest.completedAt} seconds /> },
    {
      term: 'Cluster time',
      value: `${clusterTimeText(manifest.clusterTimeStart)} to ${clusterTimeText(manifest.clusterTimeEnd)}`,
    },
    { term: 'Oplog', value: oplog ? `${formatCount(oplog.entries)} entries: a consistent snapshot` : 'not included' },
    { term: 'Users and roles', value: manifest.usersAndRoles ? 'included' : 'not included' },
    {
      term: 'Archive',
      value: `${formatBytes(file.bytes)} in ${formatQuantity(file.blocks, 'block')}, ${formatBytes(file.uncompressedBytes)} uncompressed`,
    },
    { term: 'SHA-256', value: <code>{file.sha256}</code> },
    { term: 'Digest', value: manifest.digest ? formatBytes(manifest.digest.bytes) : 'none' },
    { term: 'Note', value: manifest.note || 'none' },
  );
  if (source.importedFrom) facts.push({ term: 'Imported from', value: <code>{source.importedFrom}</code> });
  return facts;
}

/** How it was made: the exact command, the member, the versions. */
export function OriginSection({ entry, manifest }: { entry: CatalogueEntry; manifest: Manifest | null }) {
  return (
    <Section title="How it was made">
      {manifest && manifest.command.length > 0 ? (
        <div style={{ marginBottom: 16 }}>
          <CommandBlock commands={formatRuns(manifest.command)} />
        </div>
      ) : null}
      <Facts facts={originFacts(entry, manifest)} />
    </Section>
  );
}
