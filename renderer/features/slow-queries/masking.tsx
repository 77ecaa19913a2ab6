import { Switch } from '@mantine/core';
import { JsonBlock } from '../../components/json-block';
import { useStoredState } from '../../components/use-stored-state';

/** Whether values of examples are masked: kept, as whoever shares a screen wants it everywhere. */
export function useMasking(): [boolean, (masked: boolean) => void] {
  return useStoredState('lifeboat.slow-queries.masked', () => false);
}

export function MaskSwitch({ masked, onChange }: { masked: boolean; onChange: (masked: boolean) => void }) {
  return <Switch label="Mask values" checked={masked} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

/** A command as the source told it: indented where it is whole. */
export function CommandText({ command }: { command: string | null }) {
  if (command === null) return <p className="dimmed">The source did not tell the command, or it was not kept.</p>;
  return <JsonBlock value={parsed(command)} label="Command" />;
}

/** Text that was cut stays text. */
function parsed(command: string): unknown {
  try {
    return JSON.parse(command);
  } catch {
    return command;
  }
}
