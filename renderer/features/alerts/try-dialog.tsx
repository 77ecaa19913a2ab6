import { Modal, Stack, Text } from '@mantine/core';
import type { AlertRule } from '../../../shared/alerts';
import { conditionWords } from './rule-words';
import { TrySection } from './try-section';

/** A rule as it is, over the past. */
export function TryDialog({ rule, onClose }: { rule: AlertRule | null; onClose: () => void }) {
  return (
    <Modal opened={rule !== null} onClose={onClose} title={rule ? `Try: ${rule.name}` : ''} size="xl">
      {rule ? (
        <Stack gap={16}>
          <Text size="sm" className="wrap-anywhere">
            {conditionWords(rule)}
          </Text>
          <TrySection key={rule.id} rule={rule} />
        </Stack>
      ) : null}
    </Modal>
  );
}
