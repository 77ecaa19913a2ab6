import { Button, Checkbox } from '@mantine/core';
import type { Effect } from '../../../../shared/diff';
import { formatCount, formatQuantity } from '../../../../shared/format';
import { effectPromise } from '../../../components/effect-numbers';
import type { ShownTicks } from './use-list-ticks';
import styles from './preview.module.css';

interface PickBarProps {
  ticks: ShownTicks;
  /** Documents listed. */
  total: number;
  /** What the ticks of this namespace would do. */
  effect: Effect;
  onClear: () => void;
}

/** All that is listed ticked at once, and what is ticked. */
export function PickBar({ ticks, total, effect, onClear }: PickBarProps) {
  const { shown, shownTicked } = ticks;
  const promise = effectPromise(effect);
  return (
    <div className={styles.pickBar} role="group" aria-label="Picked documents">
      <Checkbox
        label={`Pick all ${formatQuantity(total, 'document')} listed`}
        checked={shown === 'whole'}
        indeterminate={shown === 'some'}
        disabled={shownTicked === null || total === 0}
        onChange={ticks.toggleAll}
      />
      <span className="dimmed">
        {shownTicked === null ? 'counting' : `${formatCount(shownTicked)} of ${formatCount(total)} listed are picked`}
      </span>
      <span className={styles.pickedHere} role="status">
        {promise === '' ? (
          <span className="dimmed">
            nothing picked in this collection: the space bar or a click ticks, Shift a range
          </span>
        ) : (
          `${promise} in this collection`
        )}
      </span>
      {promise === '' ? null : (
        <Button variant="subtle" size="compact-xs" onClick={onClear}>
          Pick none
        </Button>
      )}
    </div>
  );
}
