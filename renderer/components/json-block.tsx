import { readableJson } from './json-text';
import { TextBlock } from './text-block';

/** A value as indented Extended JSON text. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  return <TextBlock text={value === null || value === undefined ? '(none)' : readableJson(value)} label={label} />;
}
