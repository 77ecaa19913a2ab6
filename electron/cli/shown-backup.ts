/** The backup that an argument names. */
import type { BackupDetails } from '../../shared/backups';
import type { Catalogue } from '../catalogue/service';
import type { CommandContext } from './command-context';
import type { Output } from './output';

type UnreadableStores = Awaited<ReturnType<Catalogue['unreadableStores']>>;

/** Says on stderr which stores cannot be read: what is in them is neither listed nor the latest. */
export async function noteUnreadableStores(
  catalogue: Pick<Catalogue, 'unreadableStores'>,
  output: Pick<Output, 'note'>,
): Promise<UnreadableStores> {
  const unreadable = await catalogue.unreadableStores();
  for (const { name, problem } of unreadable)
    output.note(`warning: The backups of the store “${name}” are not seen: ${problem}`);
  return unreadable;
}

/** By its id; `latest` is told by its id on stderr, with the stores that were not looked into. Throws 'not-found'. */
export async function showBackup(
  { services: { catalogue }, output }: Pick<CommandContext, 'services' | 'output'>,
  id: string,
): Promise<BackupDetails> {
  if (id !== 'latest') return catalogue.show(id);
  await noteUnreadableStores(catalogue, output);
  const details = await catalogue.show(id);
  const { entry } = details;
  output.phase(`The latest backup is ${entry.id} of ${entry.sourceName ?? 'an unknown source'}`);
  return details;
}
