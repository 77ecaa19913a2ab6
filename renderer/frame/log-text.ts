/** Lines of a job's log for the eye: local time of day, and the tools' own repetition of the time left out. Pure. */

const iso = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)\s+(.*)$/s;
// mongodump and mongorestore begin each line with the time and a tab.
const toolTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}\s+/;

const two = (value: number) => String(value).padStart(2, '0');

/** `03:11:44.929  done dumping …`; a line of another form stays as it is. */
export function readableLogLine(line: string): string {
  const [, stamp, rest] = iso.exec(line) ?? [];
  if (stamp === undefined || rest === undefined) return line;
  const date = new Date(stamp);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${stamp.slice(20, 23)}`;
  return `${time}  ${rest.replace(toolTime, '')}`;
}
