/** The last lines of a server's log, looked at again and again: which of them are new. */

/** So many lines in a row are the same only if they are the same ones. */
const certain = 8;

export class LogFollower {
  #last: readonly string[] = [];
  /** Between two looks more was logged than a server keeps. */
  lost = false;

  /** Lines that were not there at the look before. */
  newLines(lines: readonly string[]): readonly string[] {
    const known = this.#overlap(lines);
    if (known === 0 && this.#last.length > 0) this.lost = true;
    this.#last = lines;
    return lines.slice(known);
  }

  /** How many lines at the beginning are the end of what was there before. */
  #overlap(lines: readonly string[]): number {
    const last = this.#last;
    const end = last[last.length - 1];
    if (end === undefined) return 0;
    for (let at = lines.length - 1; at >= 0; at--) {
      if (lines[at] !== end) continue;
      const compared = Math.min(certain, at + 1, last.length);
      let same = 1;
      while (same < compared && lines[at - same] === last[last.length - 1 - same]) same++;
      if (same === compared) return at + 1;
    }
    return 0;
  }
}
