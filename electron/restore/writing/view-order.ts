/** Views that read other views: in which order they are made and dropped. */
import type { NamespaceDiff } from '../../../shared/diff';
import { parseNamespace } from '../../../shared/namespaces';

const stagesWithSource = new Set(['$lookup', '$graphLookup', '$unionWith']);

function sourceOf(stage: unknown): string | null {
  if (typeof stage === 'string') return stage;
  if (typeof stage !== 'object' || stage === null) return null;
  const { from, coll } = stage as { from?: unknown; coll?: unknown };
  return typeof from === 'string' ? from : typeof coll === 'string' ? coll : null;
}

function collectSources(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const member of value) collectSources(member, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const source = stagesWithSource.has(name) ? sourceOf(member) : null;
      if (source !== null) found.add(source);
      collectSources(member, found);
    }
  }
}

/** Collections and views of its database that a view reads, by its options. */
export function viewSources(options: Readonly<Record<string, unknown>> | null): Set<string> {
  const found = new Set<string>();
  if (typeof options?.['viewOn'] === 'string') found.add(options['viewOn']);
  collectSources(options?.['pipeline'], found);
  return found;
}

/** Each view after those it reads, by its options on one side; where they go round in a circle, in the order given. */
export function sourcesFirst(views: readonly NamespaceDiff[], side: 'backup' | 'target'): NamespaceDiff[] {
  const byName = new Map(views.map((view) => [view.targetNs, view]));
  const ordered = new Set<NamespaceDiff>();
  const visiting = new Set<NamespaceDiff>();
  const visit = (view: NamespaceDiff): void => {
    if (ordered.has(view) || visiting.has(view)) return;
    visiting.add(view);
    const database = parseNamespace(view.targetNs)?.database ?? '';
    for (const source of viewSources(view.options[side])) {
      const other = byName.get(`${database}.${source}`);
      if (other) visit(other);
    }
    ordered.add(view);
  };
  for (const view of views) visit(view);
  return [...ordered];
}
