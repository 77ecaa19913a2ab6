/** The file of saved connections, and what may be carried to another computer. */
import { z } from 'zod';
import { connectionColours, connectionSchema, environmentSchema, secretPlaceSchema } from '../../shared/connections';
import { fail } from '../../shared/result';

export const connectionsFileSchema = z.object({
  formatVersion: z.literal(1),
  connections: z.array(connectionSchema),
});
export type ConnectionsFile = z.infer<typeof connectionsFileSchema>;

export function noConnections(): ConnectionsFile {
  return { formatVersion: 1, connections: [] };
}

const exportedSchema = z.object({
  kind: z.literal('lifeboat-connections'),
  formatVersion: z.literal(1),
  connections: z.array(
    z.object({
      name: z.string().trim().min(1).max(80),
      colour: z.enum(connectionColours),
      environment: environmentSchema,
      readOnly: z.boolean(),
      uri: z.string().min(1),
      username: z.string().nullable(),
      secretPlace: secretPlaceSchema,
    }),
  ),
});
export type ExportedConnections = z.infer<typeof exportedSchema>;

/** Throws 'usage' when `json` is no export of connections. */
export function parseExportedConnections(json: string): ExportedConnections {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    fail('usage', 'This file is not JSON.', 'Choose a file made by exporting connections.');
  }
  const parsed = exportedSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  return fail(
    'usage',
    'This file holds no exported connections.',
    'Choose a file made by exporting connections.',
    z.prettifyError(parsed.error),
  );
}
