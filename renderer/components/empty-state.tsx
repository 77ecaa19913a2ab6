import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  /** What this place is for and what to do next. */
  children: ReactNode;
  actions?: ReactNode;
}

/** An empty place that teaches the next step. */
export function EmptyState({ icon, title, children, actions }: EmptyStateProps) {
  return (
    <Stack align="center" gap={8} py={48} px={24} ta="center">
      <span className="dimmed" aria-hidden>
        {icon}
      </span>
      <Title order={2}>{title}</Title>
      <Text size="sm" c="dimmed" maw={520}>
        {children}
      </Text>
      {actions ? (
        <Group gap={8} mt={8} justify="center">
          {actions}
        </Group>
      ) : null}
    </Stack>
  );
}
