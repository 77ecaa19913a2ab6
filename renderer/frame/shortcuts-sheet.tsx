import { Kbd, Modal, Table } from '@mantine/core';
import { windowPages } from '../../shared/pages';
import { useApp } from '../state/app-state';
import type { Command } from './actions';

interface ShortcutsSheetProps {
  opened: boolean;
  onClose: () => void;
  commands: () => Command[];
}

const fixed = (modifier: string): readonly [string, string][] => [
  [`${modifier} K`, 'Search or command'],
  [`${modifier} 1 … ${windowPages.length - 1}`, 'The pages in order'],
  [`${modifier} ,`, 'Settings'],
  [`${modifier} B`, 'Back up…'],
  ['Esc', 'Close a dialog or menu'],
  ['a', 'On the page of an alert: acknowledge it'],
  ['s', 'On the page of an alert: silence it'],
];

export function ShortcutsSheet({ opened, onClose, commands }: ShortcutsSheetProps) {
  const modifier = useApp(({ info }) => (info?.platform === 'darwin' ? '⌘' : 'Ctrl'));
  const rows: [string, string][] = opened
    ? commands().flatMap((command): [string, string][] =>
        command.shortcut
          ? [[command.shortcut, command.group === 'Go to' ? `Go to ${command.label}` : command.label]]
          : [],
      )
    : [];
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="lg">
      <Table verticalSpacing={4} aria-label="Keyboard shortcuts">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Keys</Table.Th>
            <Table.Th scope="col">What they do</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...fixed(modifier), ...rows].map(([keys, what]) => (
            <Table.Tr key={keys}>
              <Table.Td>
                <Kbd>{keys}</Kbd>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
