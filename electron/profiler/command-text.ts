/** Commands of operations as text for people. */
import type { JsonDocument } from '../../shared/profiler';
import { maskCommand } from './shape/mask-values';

const longestCommand = 4096;

/** Sent by drivers with every command, and of no use to a reader. */
const noise = new Set(['lsid', '$clusterTime', '$configTime', '$topologyTime', 'databaseVersion', 'shardVersion']);

/** Relaxed Extended JSON as a reader sees it, at most 4,096 characters; masked, every value reads as its type. */
export function commandText(json: string, masked: boolean): string {
  const command = JSON.parse(json) as JsonDocument;
  const told = Object.fromEntries(Object.entries(command).filter(([key]) => !noise.has(key)));
  const text = JSON.stringify(masked ? maskCommand(told) : told);
  return text.length > longestCommand ? `${text.slice(0, longestCommand)}…` : text;
}
