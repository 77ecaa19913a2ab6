/** How the contract tells a request: the schema of its input, and the type of its answer. */
import type { z } from 'zod';

export interface RequestDefinition<Input extends z.ZodType, Output> {
  readonly input: Input;
  /** Only a type: answers come from our own services. */
  readonly output?: Output;
}

export function request<Input extends z.ZodType>(
  input: Input,
): { answers: <Output>() => RequestDefinition<Input, Output> } {
  return { answers: () => ({ input }) };
}

/** A job was started: follow it by `job.changed` events. */
export interface Started {
  jobId: string;
}
