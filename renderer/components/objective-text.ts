/** A recovery objective as people say it: `5 min`, `1 h`, `24 h`. */
export function objectiveText(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}
