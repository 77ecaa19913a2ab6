import { TextInput } from '@mantine/core';

interface TimeFieldsProps {
  /** As fields of local time hold them. */
  from: string;
  to: string;
  onFrom: (from: string) => void;
  onTo: (to: string) => void;
}

/** A beginning and an end, to the second. */
export function TimeFields({ from, to, onFrom, onTo }: TimeFieldsProps) {
  return (
    <>
      <TextInput
        type="datetime-local"
        label="From"
        step={1}
        value={from}
        onChange={(event) => onFrom(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        type="datetime-local"
        label="To"
        step={1}
        value={to}
        onChange={(event) => onTo(event.currentTarget.value)}
      />
    </>
  );
}
