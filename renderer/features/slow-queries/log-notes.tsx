import { Button, Drawer, Table } from '@mantine/core';
import { useState } from 'react';
import { formatCount, formatQuantity, maskControlCharacters } from '../../../shared/format';
import type { UnreadableKind } from '../../../shared/profiler';
import type { CaptureSummary } from '../../../shared/slow-queries';
import { Notice } from '../../components/notice';

const kindWords: Record<UnreadableKind, string> = {
  'broken-json': 'begins like a log line, but its JSON is broken',
  'incomplete-operation': 'a slow operation without namespace, duration or command',
  'unknown-format': 'no line of a mongod or mongos',
  'too-long': 'longer than any line a server writes',
};

/** What could not be read, and what else a reader would not notice. */
export function LogNotes({ summary }: { summary: CaptureSummary }) {
  const [open, setOpen] = useState(false);
  const { log, notes } = summary;
  const problems = log?.files.filter(({ problem }) => problem !== null) ?? [];
  return (
    <>
      {notes.map((note) => (
        <Notice key={note} kind="info">
          {note}
        </Notice>
      ))}
      {problems.map(({ path, problem }) => (
        <Notice key={path} kind="warning" title={`${path} was not read to its end`}>
          {problem}
        </Notice>
      ))}
      {log && log.unreadable > 0 ? (
        <Notice
          kind="warning"
          action={
            <Button variant="default" size="compact-xs" onClick={() => setOpen(true)}>
              Show them
            </Button>
          }
        >
          {formatQuantity(log.unreadable, 'line')} of {formatCount(log.lines)} could not be read and are left out.
        </Notice>
      ) : null}
      {log ? (
        <Drawer
          opened={open}
          onClose={() => setOpen(false)}
          position="right"
          size="xl"
          title="Lines that were not read"
        >
          <ul>
            {log.unreadableByKind.map(({ kind, count }) => (
              <li key={kind}>
                {formatQuantity(count, 'line')}: {kindWords[kind]}
              </li>
            ))}
          </ul>
          <p className="dimmed">The first few of each kind:</p>
          <Table aria-label="Unreadable lines">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>File</Table.Th>
                <Table.Th style={{ textAlign: 'right' }}>Line</Table.Th>
                <Table.Th>Begins with</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {log.unreadableLines.map(({ file, line, text }) => (
                <Table.Tr key={`${file}:${line}`}>
                  <Table.Td className="wrap-anywhere">{file}</Table.Td>
                  <Table.Td style={{ textAlign: 'right' }}>{formatCount(line)}</Table.Td>
                  <Table.Td className="mono wrap-anywhere">{maskControlCharacters(text)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {log.ignoredFiles.length > 0 ? (
            <>
              <h3>Files that are no logs</h3>
              <ul>
                {log.ignoredFiles.map((path) => (
                  <li key={path} className="wrap-anywhere">
                    {path}
                  </li>
                ))}
              </ul>
            </>
          ) : null}
        </Drawer>
      ) : null}
    </>
  );
}
