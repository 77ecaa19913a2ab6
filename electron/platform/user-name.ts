/** Who works: the user of the operating system. */
import { userInfo } from 'node:os';

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container a user may have a number and no name.
    return process.env['USER'] ?? process.env['USERNAME'] ?? 'unknown';
  }
}
