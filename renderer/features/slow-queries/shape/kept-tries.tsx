import { Button, Group, Stack } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { TryResult } from '../../../../shared/tries';
import { formatCount, formatMilliseconds } from '../../../../shared/format';
import { api, useAction, type RequestState } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { Section } from '../../../components/page';
import { Timestamp } from '../../../components/timestamp';
import { Tried, verdicts } from './tried';
import styles from './shape.module.css';

interface KeptTriesProps {
  shapeId: string;
  tries: RequestState<TryResult[]>;
  /** Shown elsewhere on the page. */
  exceptId: string | null;
}

/** What came of earlier tries of this shape in a sandbox; nothing where there were none. */
export function KeptTries({ shapeId, tries, exceptId }: KeptTriesProps) {
  const remove = useAction(async (tryId: string) => {
    await api('advice.delete-try', { tryId });
    tries.reload();
  });
  const kept = tries.data?.filter(({ id }) => id !== exceptId) ?? [];
  if (tries.error) return <ErrorPanel error={tries.error} onRetry={tries.reload} />;
  if (kept.length === 0) return null;
  return (
    <Section title="Tried before">
      <Stack gap={8}>
        {kept.map((result) => (
          <details key={result.id} aria-label={`Try of ${result.madeAt}`}>
            <summary>
              <Timestamp value={result.madeAt} /> <code>{result.indexes.map(({ keyText }) => keyText).join(', ')}</code>
              : {sentenceOf(result, shapeId)}
            </summary>
            <Stack gap={12} mt={8} className={styles.suggestion}>
              <Tried result={result} />
              <Group>
                <Button
                  variant="default"
                  size="compact-xs"
                  leftSection={<IconTrash size={14} aria-hidden />}
                  loading={remove.busy}
                  onClick={() => void remove.run(result.id)}
                >
                  Delete this result
                </Button>
              </Group>
            </Stack>
          </details>
        ))}
        {remove.error ? <ErrorPanel error={remove.error} /> : null}
      </Stack>
    </Section>
  );
}

/** "the index helps, 12,000 → 30 documents read, 120 ms → 1 ms". */
function sentenceOf({ shapes }: TryResult, shapeId: string): string {
  const shape = shapes.find(({ id }) => id === shapeId);
  if (!shape) return '';
  const { text } = verdicts[shape.verdict];
  const words = `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
  const { before, after } = shape;
  if (!before || !after) return words;
  const documents = `${formatCount(before.docsExamined)} → ${formatCount(after.docsExamined)} documents read`;
  return `${words}, ${documents}, ${formatMilliseconds(before.ms)} → ${formatMilliseconds(after.ms)}`;
}
