/** Quantiles of many durations without sorting them. */

/**
 * For each of `quantiles` (0 to 1, growing) the smallest value that at least that share of all do not exceed. Reorders
 * `values`. 0 without any.
 */
export function quantilesOf(values: Float64Array, quantiles: readonly number[]): number[] {
  let from = 0;
  return quantiles.map((quantile) => {
    if (values.length === 0) return 0;
    const rank = Math.max(1, Math.ceil(quantile * values.length)) - 1;
    select(values, from, values.length - 1, rank);
    from = rank;
    return values[rank] ?? 0;
  });
}

/** Puts the value that sorting would put at `rank` there, smaller ones before it and greater ones after it. */
function select(values: Float64Array, from: number, to: number, rank: number): void {
  let left = from;
  let right = to;
  while (right > left) {
    if (right - left < 16) {
      values.subarray(left, right + 1).sort();
      return;
    }
    const pivot = medianOfThree(values[left] ?? 0, values[(left + right) >> 1] ?? 0, values[right] ?? 0);
    let low = left;
    let high = right;
    while (low <= high) {
      while ((values[low] ?? 0) < pivot) low++;
      while ((values[high] ?? 0) > pivot) high--;
      if (low > high) break;
      const swapped = values[low] ?? 0;
      values[low++] = values[high] ?? 0;
      values[high--] = swapped;
    }
    if (rank <= high) right = high;
    else if (rank >= low) left = low;
    else return;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
