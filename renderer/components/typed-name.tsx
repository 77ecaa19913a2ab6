import { Text, TextInput } from '@mantine/core';

interface TypedNameProps {
  /** What is typed, in words: "the connection's name". */
  name: string;
  expected: string;
  typed: string;
  onChange: (typed: string) => void;
  /** Takes the focus when the dialog opens. */
  focused?: boolean;
}

/** The guard of what cannot be taken back: a name has to be typed. */
export function TypedName({ name, expected, typed, onChange, focused = false }: TypedNameProps) {
  return (
    <div>
      <Text size="sm" mb={4}>
        To go on, type {name}: <code className="wrap-anywhere">{expected}</code>
      </Text>
      <TextInput
        aria-label={`Type ${name}`}
        value={typed}
        onChange={(event) => onChange(event.currentTarget.value)}
        data-autofocus={focused || undefined}
        autoComplete="off"
        spellCheck={false}
      />
    </div>
  );
}
