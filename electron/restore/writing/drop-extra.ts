/**
 * Drops a collection that only the target has. It gets a name of ours first, under which nobody writes to it, and is
 * looked at again: what came in before that is seen, what comes after goes to a collection of its own.
 */
import { parseNamespace } from '../../../shared/namespaces';
import type { NamespaceDiff } from '../../../shared/diff';
import { dataCollection } from '../../diff/live-metadata';
import { namespaceNotFound, type CommandSteps } from './command-steps';
import { asideOf, isEmpty, uuidUnder } from '../undo/aside';

/**
 * `kept`: it holds documents that were not in the preview. `unwatched`: dropped, but without a name of ours, so that
 * only the oplog tells what came in last.
 */
export type DroppedExtra = 'dropped' | 'kept' | 'unwatched';

const notEmpty = 'It still holds documents that were not in the preview: it was not dropped.';

/** What the server refuses is noted in `steps`, and counts as kept. Throws when the server cannot be reached. */
export async function dropExtra(
  steps: CommandSteps,
  targetNs: string,
  type: NamespaceDiff['type'],
  restoreId: string,
): Promise<DroppedExtra> {
  const { client, options } = steps;
  const parsed = parseNamespace(targetNs);
  if (!parsed) return 'kept';
  const aside = asideOf(targetNs, restoreId, 'dropped');
  // A run before may have ended between two steps.
  if (options.resumed && (await uuidUnder(client, aside)) !== null) return dropAside(steps, targetNs, aside);
  const data = `${parsed.database}.${dataCollection(type, parsed.collection)}`;
  let empty = false;
  const looked = await steps.run(targetNs, 'The collection could not be read', async () => {
    empty = await isEmpty(client, data);
  });
  if (!looked) return 'kept';
  if (!empty) {
    steps.failures.push({ ns: targetNs, message: notEmpty });
    return 'kept';
  }
  // Servers rename no time series; users who may drop a collection may lack the privilege to rename one.
  const renamed =
    type === 'collection' &&
    (await steps.run(targetNs, '', () => steps.rename(targetNs, aside), [namespaceNotFound], false));
  if (renamed) return dropAside(steps, targetNs, aside);
  return (await drop(steps, targetNs, targetNs)) ? 'unwatched' : 'kept';
}

function drop(steps: CommandSteps, targetNs: string, ns: string): Promise<boolean> {
  const work = (): Promise<void> => steps.command(ns, (collection) => ({ drop: collection }));
  return steps.run(targetNs, 'The collection could not be dropped', work, [namespaceNotFound]);
}

async function dropAside(steps: CommandSteps, targetNs: string, aside: string): Promise<DroppedExtra> {
  const { client } = steps;
  let empty = false;
  await steps.run(targetNs, `${targetNs}, which is called ${aside} now, could not be read`, async () => {
    empty = await isEmpty(client, aside);
  });
  if (empty) return (await drop(steps, targetNs, aside)) ? 'dropped' : 'kept';
  const back = `${targetNs} could not get its name back: what it holds is in ${aside}`;
  if (await steps.run(targetNs, back, () => steps.rename(aside, targetNs), [namespaceNotFound])) {
    steps.failures.push({ ns: targetNs, message: notEmpty });
  }
  return 'kept';
}
