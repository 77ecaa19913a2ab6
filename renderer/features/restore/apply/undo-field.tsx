import { Checkbox } from '@mantine/core';
import { undoDays } from '../../../../shared/restore';
import { formatQuantity } from '../../../../shared/format';
import { Notice } from '../../../components/notice';
import { Section } from '../../../components/page';
import { useRestore } from '../restore-store';

/** Whether this restore can be taken back; declining it is said plainly. */
export function UndoField() {
  const undo = useRestore((state) => state.undo);
  const setUndo = useRestore((state) => state.setUndo);
  return (
    <Section title="Undo">
      <Checkbox
        checked={undo}
        onChange={(event) => setUndo(event.currentTarget.checked)}
        label={`Save what is overwritten or deleted first, and keep it for ${formatQuantity(undoDays, 'day')}`}
      />
      {undo ? (
        <p className="dimmed" style={{ margin: '8px 0 0' }}>
          It is saved before the first write, as a backup of its own. Undoing shows a preview first, like any restore,
          and also works for a restore that was cut off half-way.
        </p>
      ) : (
        <div style={{ marginTop: 8 }}>
          <Notice kind="bad" title="This restore could not be undone">
            What it overwrites or deletes is gone for good, and what it inserts cannot be told from the rest. If it is
            cut off half-way, it can be continued or left, not undone.
          </Notice>
        </div>
      )}
    </Section>
  );
}
