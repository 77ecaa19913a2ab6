import type { IndexDefinition } from '../../shared/indexes';

/** The second argument of createIndex, as typed into a shell. */
export function optionsText({ name, options }: IndexDefinition): string {
  const { partialFilterExpression, collation, other, ...plain } = options;
  const parts = [
    `name: ${JSON.stringify(name)}`,
    ...Object.entries(plain).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
  ];
  if (partialFilterExpression !== undefined)
    parts.push(`partialFilterExpression: EJSON.deserialize(${partialFilterExpression})`);
  if (collation !== undefined) parts.push(`collation: EJSON.deserialize(${collation})`);
  if (other !== undefined) parts.push(`...EJSON.deserialize(${other})`);
  return `{ ${parts.join(', ')} }`;
}
