/** Which of the long suite's faults a short run takes: others each time, and told. */

const runs = Number(process.env['LIFEBOAT_TEST_RUNS'] ?? 20);
/** LIFEBOAT_TEST_SEED repeats the choice of an earlier run. */
const seed = Number(process.env['LIFEBOAT_TEST_SEED'] ?? Math.floor(Date.now() / 1000) % 100_000);

/** False for the long suites, which take everything. */
export const isSample = runs < 1000;

/** `most` neighbours of the list, begun where the seed says; all of them for the long suites. */
export function chooseSample<Choice>(
  what: string,
  all: readonly Choice[],
  most: number,
  nameOf: (choice: Choice) => string = String,
): Choice[] {
  if (!isSample || most >= all.length) return [...all];
  const chosen = Array.from({ length: most }, (_, at) => all[(seed + at) % all.length]).flatMap((each) =>
    each === undefined ? [] : [each],
  );
  const names = (choices: readonly Choice[]): string => choices.map(nameOf).join(', ');
  console.info(`${what}: ${names(chosen)}, of ${names(all)} (LIFEBOAT_TEST_SEED=${seed})`);
  return chosen;
}
