/** Measuring on a machine that others use too: interleaved rounds, medians, ratios. */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Seconds that `work` takes. @param {() => Promise<unknown>} work */
export async function seconds(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/**
 * One untimed round, then `rounds` timed ones, each contestant once a round in turn. Returns seconds by name.
 * @template {string} Name
 * @param {number} rounds
 * @param {Record<Name, () => Promise<unknown>>} contestants
 * @returns {Promise<Record<Name, number[]>>}
 */
export async function interleave(rounds, contestants) {
  const entries = /** @type {[Name, () => Promise<unknown>][]} */ (Object.entries(contestants));
  const times = /** @type {Record<Name, number[]>} */ (
    /** @type {unknown} */ (Object.fromEntries(entries.map(([name]) => [name, []])))
  );
  for (let round = 0; round <= rounds; round++) {
    for (const [name, work] of entries) {
      const taken = await seconds(work);
      if (round > 0) times[name].push(taken);
      process.stderr.write(`  ${round === 0 ? 'warm-up' : `round ${round}`} ${name}: ${taken.toFixed(2)} s\n`);
    }
  }
  return times;
}

/**
 * Median of the ratios of the same round: what disturbs one round disturbs both.
 * @param {readonly number[]} times
 * @param {readonly number[]} yardstick
 */
export function ratioOf(times, yardstick) {
  return median(times.map((time, round) => time / (yardstick[round] ?? NaN)));
}
