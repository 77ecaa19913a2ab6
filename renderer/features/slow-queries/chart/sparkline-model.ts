/** `rising`, `falling` or `even`: the last third of the bars against the first. Pure. */
export function trendOf(bars: readonly number[]): 'rising' | 'falling' | 'even' {
  const third = Math.max(1, Math.floor(bars.length / 3));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const before = sum(bars.slice(0, third));
  const after = sum(bars.slice(-third));
  if (after > before * 1.5) return 'rising';
  return before > after * 1.5 ? 'falling' : 'even';
}
