import { Kbd, Modal, Table } from '@mantine/core';
import type { Command } from './actions';

interface ShortcutsSheetProps {
  opened: boolean;
  onClose: () => void;
  commands: () => Command[];
}

const fixed: readonly [string, string][] = [
  ['Ctrl K or ⌘ K', 'Search or command'],
  ['Ctrl 1 … 6 or ⌘ 1 … 6', 'The pages in order'],
  ['Esc', 'Close a dialog or menu'],
  ['a', 'On the page of an alert: acknowledge it'],
  ['s', 'On the page of an alert: silence it'],
];

export function ShortcutsSheet({ opened, onClose, commands }: ShortcutsSheetProps) {
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
          {[...fixed, ...rows].map(([keys, what]) => (
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
