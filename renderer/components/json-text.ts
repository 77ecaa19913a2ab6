/** Canonical Extended JSON as people read it: whole and floating-point numbers bare, everything else with its type. */
export function readableJson(value: unknown): string {
  return JSON.stringify(bareNumbers(value), null, 2) ?? 'undefined';
}

function bareNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bareNumbers);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only && typeof only[1] === 'string') {
    const [name, text] = only;
    const number = Number(text);
    const isPlain = name === '$numberInt' || name === '$numberDouble' || name === '$numberLong';
    if (isPlain && Number.isFinite(number) && String(number) === text.replace(/\.0$/, '')) return number;
  }
  return Object.fromEntries(entries.map(([name, each]) => [name, bareNumbers(each)]));
}
