import { Group, Loader, Text } from '@mantine/core';

/** A spinner that says what is awaited. */
export function Waiting({ for: awaited }: { for: string }) {
  return (
    <Group gap={8} py={16} role="status">
      <Loader size={16} aria-hidden />
      <Text size="sm" c="dimmed">
        {awaited}
      </Text>
    </Group>
  );
}
