/** The fast path and the full comparison of one backup, held against each other. */
import { expect } from 'vitest';
import { DifferingReader } from '../../diff/differing-files';
import type { DiffResult, NamespaceDiff } from '../../../shared/diff';
import type { Preview, PreviewRequestInput } from '../../../shared/restore';
import { PreviewStore } from '../preview/preview-store';
import type { RestoreHarness } from './restore-harness';

/** What both ways must agree on; which way was taken and what it cost is left out. */
function comparable(result: DiffResult): unknown {
  return result.namespaces.map(({ ns, targetNs, status, documents, indexes, options, effect }) => ({
    ns,
    targetNs,
    status,
    documents,
    indexes,
    options,
    effect,
  }));
}

/** Differing documents as texts, in an order of their own: kind, ordinal, `_id`, hash. */
export async function differingEntries(harness: RestoreHarness, preview: Preview): Promise<Record<string, string[]>> {
  const store = new PreviewStore(harness.dataFolder.previewsFolder);
  const { plan } = await store.load(preview.id);
  const found: Record<string, string[]> = {};
  for (const { index, targetNs, type } of plan) {
    if (type === 'view') continue;
    const reader = await DifferingReader.open(store.folderOf(preview.id), index).catch(() => null);
    if (!reader) continue;
    const entries = await reader.page(null, 0, 10_000_000);
    await reader.close();
    found[targetNs] = entries
      .map(({ entry }) => `${entry.change} ${entry.ordinal} ${hex(entry.id)} ${hex(entry.documentHash)}`)
      .sort();
  }
  return found;
}

function hex(bytes: Buffer | null): string {
  return bytes?.toString('hex') ?? '-';
}

/** Compares both ways, expects them to agree, and returns the preview of the fast one. Closes the other. */
export async function compareBothWays(
  harness: RestoreHarness,
  backupId: string,
  more: Partial<PreviewRequestInput> = {},
): Promise<Preview> {
  const fast = await harness.preview(backupId, more);
  await expectSameAsFull(harness, fast);
  return fast;
}

/** Expects that previews of one backup and target are what a full comparison finds now. */
export async function expectSameAsFull(harness: RestoreHarness, ...previews: Preview[]): Promise<void> {
  const [first] = previews;
  if (!first) return;
  const full = await harness.preview(first.request.backupId, { ...first.request, full: true });
  expect(full.result.namespaces.every(({ comparedBy }) => comparedBy !== 'oplog')).toBe(true);
  const [lines, entries] = [comparable(full.result), await differingEntries(harness, full)];
  for (const fast of previews) {
    expect(comparable(fast.result)).toEqual(lines);
    expect(await differingEntries(harness, fast)).toEqual(entries);
  }
  await harness.restores.closePreview(full.id);
}

/** The line of one namespace. */
export function lineOf({ result }: Preview, ns: string): NamespaceDiff {
  const line = result.namespaces.find((namespace) => namespace.ns === ns);
  if (!line) throw new Error(`no ${ns} in the preview`);
  return line;
}
