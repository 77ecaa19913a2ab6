import { Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { api, useAction, useRequest } from '../../api';
import { ErrorPanel } from '../../components/error-panel';
import { Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import { Waiting } from '../../components/waiting';
import type { Tool, ToolName } from '../../../shared/toolchain';

const places: Record<NonNullable<Tool['foundIn']>, string> = {
  settings: 'set here',
  environment: 'environment variable',
  path: 'search path',
  'install-folder': 'usual install folder',
  'runtime-folder': "Lifeboat's own folder",
};

const purposes: Record<ToolName, string> = {
  mongodump: 'makes backups and reads live data for previews',
  mongorestore: 'restores',
  mongod: 'runs sandboxes and the demo',
};

/** MongoDB's programs: where each was found, its version, and what to do about a missing one. */
export function ToolsPanel() {
  const tools = useRequest('tools.list', undefined);
  const setPath = useAction(async (name: ToolName, path: string | null) => {
    await api('tools.set-path', { name, path });
    tools.reload();
  });
  const choose = useAction(async (name: ToolName) => {
    const path = await api('dialogs.choose-file', { title: `Choose ${name}` });
    if (path !== null) await setPath.run(name, path);
  });
  const error = tools.error ?? setPath.error ?? choose.error;
  return (
    <Stack gap={16}>
      {error ? <ErrorPanel error={error} onRetry={tools.reload} /> : null}
      <Section title="MongoDB's programs" flush>
        {tools.data ? (
          <Table aria-label="Tools" verticalSpacing={8} horizontalSpacing={16}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Program</Table.Th>
                <Table.Th scope="col">State</Table.Th>
                <Table.Th scope="col">Version</Table.Th>
                <Table.Th scope="col">Found</Table.Th>
                <Table.Th scope="col">Change</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tools.data.map((tool) => (
                <ToolRow
                  key={tool.name}
                  tool={tool}
                  onChoose={() => void choose.run(tool.name)}
                  onForget={() => void setPath.run(tool.name, null)}
                />
              ))}
            </Table.Tbody>
          </Table>
        ) : tools.loading ? (
          <div style={{ padding: '0 16px' }}>
            <Waiting for="Looking for mongodump, mongorestore and mongod" />
          </div>
        ) : null}
      </Section>
      {tools.data
        ?.filter(({ problem }) => problem !== null)
        .map(({ name, problem }) =>
          problem ? <ErrorPanel key={name} error={problem} onRetry={tools.reload} /> : null,
        )}
      <Text size="xs" c="dimmed">
        Looked for in this order: the path set here, the variables <code>LIFEBOAT_MONGODUMP</code>,{' '}
        <code>LIFEBOAT_MONGORESTORE</code> and <code>LIFEBOAT_MONGOD</code>, the search path and the usual install
        folders, Lifeboat&apos;s own folder. The database tools are a{' '}
        <Anchor
          href="https://www.mongodb.com/try/download/database-tools"
          target="_blank"
          rel="noreferrer"
          underline="always"
        >
          download of MongoDB
        </Anchor>
        .
      </Text>
    </Stack>
  );
}

function ToolRow({ tool, onChoose, onForget }: { tool: Tool; onChoose: () => void; onForget: () => void }) {
  const works = tool.problem === null && tool.path !== null;
  return (
    <Table.Tr>
      <Table.Td>
        <code>{tool.name}</code>
        <Text size="xs" c="dimmed">
          {purposes[tool.name]}
        </Text>
      </Table.Td>
      <Table.Td>
        <StateMark state={works ? 'good' : 'bad'}>
          {works ? 'works' : tool.path === null ? 'not found' : 'not usable'}
        </StateMark>
      </Table.Td>
      <Table.Td>{tool.version ?? <span className="dimmed">unknown</span>}</Table.Td>
      <Table.Td>
        {tool.path ? <code className="wrap-anywhere">{tool.path}</code> : <span className="dimmed">nowhere</span>}
        {tool.foundIn ? (
          <Text size="xs" c="dimmed">
            {places[tool.foundIn]}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          <Button
            variant="default"
            leftSection={<IconFolderOpen size={14} aria-hidden />}
            aria-label={`Choose ${tool.name}`}
            onClick={onChoose}
          >
            Choose…
          </Button>
          {tool.foundIn === 'settings' ? (
            <Button variant="default" aria-label={`Find ${tool.name} by itself`} onClick={onForget}>
              Find by itself
            </Button>
          ) : null}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
