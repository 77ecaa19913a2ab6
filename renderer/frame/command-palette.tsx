import { Kbd } from '@mantine/core';
import { Spotlight, useSpotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import type { Command } from './actions';
import { paletteStore } from './palette';

interface CommandPaletteProps {
  commands: () => Command[];
}

function grouped(commands: Command[]): SpotlightActionGroupData[] {
  const groups = new Map<string, SpotlightActionGroupData>();
  for (const command of commands) {
    const group = groups.get(command.group) ?? { group: command.group, actions: [] };
    groups.set(command.group, group);
    group.actions.push({
      id: command.id,
      label: command.label,
      description: command.description,
      keywords: [command.group],
      rightSection: command.shortcut ? <Kbd size="xs">{command.shortcut}</Kbd> : null,
      onClick: command.run,
    });
  }
  return [...groups.values()];
}

/** ⌘/Ctrl K: every action and page by typing. */
export function CommandPalette({ commands }: CommandPaletteProps) {
  const { opened } = useSpotlight(paletteStore);
  return (
    <Spotlight
      store={paletteStore}
      actions={opened ? grouped(commands()) : []}
      shortcut={['mod + K']}
      tagsToIgnore={[]}
      triggerOnContentEditable
      highlightQuery
      scrollable
      maxHeight={480}
      overlayProps={{ backgroundOpacity: 0.5, blur: 0 }}
      attributes={{ content: { 'aria-label': 'Search or command' } }}
      scrollAreaProps={{ type: 'auto', viewportProps: { tabIndex: 0 } }}
      nothingFound="No command by this name"
      searchProps={{
        leftSection: <IconSearch size={16} aria-hidden />,
        placeholder: 'Search or command',
        'aria-label': 'Search or command',
      }}
    />
  );
}
