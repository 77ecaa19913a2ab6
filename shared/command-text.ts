/** Command lines as text for people. Pure. */

/** A command as one line that a shell would read back into the same arguments. */
export function formatCommand(command: readonly string[]): string {
  return command
    .map((argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replace(/'/g, `'\\''`)}'`))
    .join(' ');
}

/** The runs in a manifest's list, which separates them by `;`, a line each. */
export function formatRuns(command: readonly string[]): string[] {
  const runs: string[][] = [[]];
  for (const argument of command) {
    if (argument === ';') runs.push([]);
    else runs[runs.length - 1]?.push(argument);
  }
  return runs.map(formatCommand);
}
