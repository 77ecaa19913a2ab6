/** Collections that a killed restore left under names of ours: they get their own back, or go. */
import type { MongoClient } from 'mongodb';
import { fail } from '../../../shared/result';
import { CommandSteps, namespaceNotFound, type CommandStepsOptions } from '../writing/command-steps';
import type { RestoreTally } from '../writing/tally';
import { asideOf, isEmpty, uuidUnder } from './aside';
import type { UndoRecord } from './undo-record';

/**
 * Before the undo of a restore that was cut off. Throws 'preview-stale' when a collection got its name back, which the
 * preview could not know of. What cannot be told apart stays under its name, and `tally` tells it.
 */
export async function clearAsides(
  client: MongoClient,
  restoreId: string,
  record: UndoRecord,
  options: Omit<CommandStepsOptions, 'resumed'>,
  tally: RestoreTally,
): Promise<void> {
  const steps = new CommandSteps(client, { ...options, resumed: true });
  const returned: string[] = [];
  for (const { ns, type } of record.namespaces) {
    if (type !== 'collection') continue;
    const [built, before, dropped] = [
      asideOf(ns, restoreId, 'built'),
      asideOf(ns, restoreId, 'before'),
      asideOf(ns, restoreId, 'dropped'),
    ];
    const drop = (name: string): Promise<boolean> =>
      steps.run(ns, `${name} could not be dropped`, () => steps.command(name, (own) => ({ drop: own })), [
        namespaceNotFound,
      ]);
    const isThere = async (name: string): Promise<boolean> => (await uuidUnder(client, name)) !== null;
    for (const aside of [before, dropped]) {
      if (!(await isThere(aside))) continue;
      if (!(await isThere(ns))) {
        if (await steps.run(ns, `${aside} could not get its name back`, () => steps.rename(aside, ns)))
          returned.push(ns);
        // Everything in it was brought over before what was built got the name.
      } else if ((aside === before && !(await isThere(built))) || (await isEmpty(client, aside))) await drop(aside);
      else tally.fail(ns, null, `${aside} holds what it was before the restore was cut off, and stays.`);
    }
    if ((await isThere(built)) && !(await isThere(before))) await drop(built);
  }
  for (const { ns, message } of steps.failures) tally.fail(ns, null, message);
  if (returned.length === 0) return;
  fail(
    'preview-stale',
    `${returned.join(', ')} had no name when the restore was cut off, and got it back now.`,
    'Preview the undo again.',
  );
}
