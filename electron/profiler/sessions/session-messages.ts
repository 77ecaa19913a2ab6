/** What main and the worker thread of a capture tell each other. */
import type { AppError } from '../../../shared/result';
import type { MessagePort } from 'node:worker_threads';
import type { SessionQueryName } from './session';

/** `uri` reaches that member alone and holds secrets: it goes nowhere but into a client. */
export interface GatheredMember {
  host: string;
  uri: string;
}

export type GatherSource =
  | {
      type: 'profiler';
      members: GatheredMember[];
      /** Null: all that the user may list but `local` and `config`. */
      databases: string[] | null;
      since: number | null;
      /** Milliseconds since 1970; null: what there is now. */
      until: number | null;
    }
  | { type: 'server-log'; members: GatheredMember[]; until: number | null }
  | { type: 'log-files'; paths: string[] }
  | { type: 'current-operations'; members: GatheredMember[]; until: number; intervalMs: number; slowms: number };

export interface SessionInput {
  port: MessagePort;
  /** Of the capture: operations.bin, commands.txt and facts.json are in it. */
  folder: string;
  /** Null: opens what was gathered before. */
  gather: GatherSource | null;
}

export type ToSession =
  | { type: 'ask'; number: number; name: SessionQueryName; input: unknown }
  /** Ends the gathering, keeping what there is. */
  | { type: 'stop' }
  /** Ends the task. */
  | { type: 'close' };

export type FromSession =
  { type: 'answer'; number: number; answer: unknown } | { type: 'refused'; number: number; error: AppError };

/** Emitted by the task while it gathers, and last when it has: then everything is on disk. */
export interface GatheredFacts {
  from: number | null;
  to: number | null;
  operations: number;
  counted: number;
  unreadableLines: number;
  /** On disk; null until it is. */
  bytes: number | null;
}
export type SessionEvent =
  | { type: 'progress'; facts: GatheredFacts }
  | { type: 'gathered'; facts: GatheredFacts; notes: string[]; error: AppError | null };
