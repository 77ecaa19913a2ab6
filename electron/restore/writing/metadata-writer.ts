/** Collections, options, indexes and views of a target, made as the backup has them, one step at a time. */
import { EJSON } from 'bson';
import type { Document, MongoClient } from 'mongodb';
import type { ExtendedJsonDocument } from '../../../shared/backups';
import type { IndexChange, NamespaceDiff } from '../../../shared/diff';
import { keyInOrder } from '../../archive/name-order';
import { comparableText, normaliseOptions, buildableIndex } from '../../diff/normalise-metadata';
import { dropExtra, type DroppedExtra } from './drop-extra';
import { changeableOptions } from './unchangeable-options';
import {
  CommandSteps,
  namespaceExists,
  namespaceNotFound,
  type CommandStepsOptions,
  type MetadataFailure,
} from './command-steps';

/** What was done to collections, and what the server refused; the rest of the steps goes on. */
export interface MetadataTally {
  indexesBuilt: number;
  indexesDropped: number;
  optionsChanged: number;
  collectionsCreated: number;
  collectionsDropped: number;
  failures: MetadataFailure[];
}

function emptyTally(failures: MetadataFailure[]): MetadataTally {
  return {
    indexesBuilt: 0,
    indexesDropped: 0,
    optionsChanged: 0,
    collectionsCreated: 0,
    collectionsDropped: 0,
    failures,
  };
}

const indexNotFound = 27;

function fromExtendedJson(document: ExtendedJsonDocument): Document {
  return EJSON.parse(JSON.stringify(document), { relaxed: false }) as Document;
}

const storedByOldServers = ['autoIndexId', 'flags', 'uuid', 'create', 'temp', 'idIndex'];

function without(document: ExtendedJsonDocument, names: readonly string[]): ExtendedJsonDocument {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name)));
}

/** Options as `create` takes them: what old servers stored besides is left out. */
function creationOptions(options: ExtendedJsonDocument): Document {
  return fromExtendedJson(without(options, storedByOldServers));
}

/** Without a collation it would get the collection's own: that it had none must be said. */
function indexToBuild(specification: ExtendedJsonDocument): Document {
  const { keyOrder, ...index } = buildableIndex(specification);
  const document = fromExtendedJson(index);
  return { collation: { locale: 'simple' }, ...document, key: keyInOrder(document['key'] as Document, keyOrder) };
}

/** Each step can be repeated: it goes on through elections and lost answers. */
export class MetadataWriter {
  readonly steps: CommandSteps;
  readonly tally: MetadataTally;

  /** By default a build waits for every member that votes: with one of them down, for ever. */
  get #quorum(): Document {
    return this.steps.options.replicated ? { commitQuorum: 'majority' } : {};
  }

  constructor(client: MongoClient, options: CommandStepsOptions) {
    this.steps = new CommandSteps(client, options);
    this.tally = emptyTally(this.steps.failures);
  }

  /** Creates what the target lacks; an existing collection of that name is left as it is. */
  async create({ targetNs, options }: NamespaceDiff): Promise<void> {
    const made = await this.steps.run(
      targetNs,
      'The collection could not be created',
      () =>
        this.steps.command(targetNs, (collection) => ({
          create: collection,
          ...creationOptions(options.backup ?? {}),
        })),
      [namespaceExists],
    );
    if (made) this.tally.collectionsCreated++;
  }

  /** Drops indexes that are extra or differ: before documents are written, since a unique one may refuse them. */
  async dropIndexes(targetNs: string, indexes: readonly IndexChange[]): Promise<void> {
    for (const { name } of indexes) {
      const dropped = await this.steps.run(
        targetNs,
        `The index ${name} could not be dropped`,
        () => this.steps.command(targetNs, (collection) => ({ dropIndexes: collection, index: name })),
        [indexNotFound, namespaceNotFound],
      );
      if (dropped) this.tally.indexesDropped++;
    }
  }

  /** Builds indexes one at a time, so that each one that cannot be built is told by name. */
  async buildIndexes(targetNs: string, indexes: readonly IndexChange[], report: (name: string) => void): Promise<void> {
    for (const { name, backup, target } of indexes) {
      if (!backup) continue;
      report(name);
      const built = await this.#build(targetNs, backup, `The index ${name} could not be built`);
      if (built) this.tally.indexesBuilt++;
      else if (target) await this.#putBack(targetNs, name, target);
    }
  }

  /** What was dropped to make room for an index that then could not be built comes again, as it was. */
  async #putBack(targetNs: string, name: string, former: ExtendedJsonDocument): Promise<void> {
    const isBack = await this.#build(targetNs, former, `The index ${name}, as it was before, could not be built again`);
    if (!isBack) return;
    this.tally.indexesDropped--;
    this.steps.options.log(`${targetNs}: the index ${name} was built again as it was before.`);
  }

  #build(targetNs: string, specification: ExtendedJsonDocument, refusal: string): Promise<boolean> {
    return this.steps.run(targetNs, refusal, () =>
      this.steps.command(targetNs, (collection) => ({
        createIndexes: collection,
        indexes: [indexToBuild(specification)],
        ...this.#quorum,
      })),
    );
  }

  /** Changes in place what servers let change: validator, expiry, granularity, pre-images. */
  async changeOptions({ targetNs, options }: NamespaceDiff): Promise<void> {
    if (options.same || !options.backup || !options.target) return;
    const change = optionsChange(options.backup, options.target);
    if (Object.keys(change).length === 0) return;
    const changed = await this.steps.run(targetNs, 'The options could not be changed', () =>
      this.steps.command(targetNs, (collection) => ({ collMod: collection, ...change })),
    );
    if (changed) this.tally.optionsChanged++;
  }

  /**
   * Makes missing views and changes others, in the order given. Two that swap what they read cannot be changed one after
   * the other, since servers refuse circles: what is refused is dropped and made anew.
   */
  async restoreViews(views: readonly NamespaceDiff[]): Promise<void> {
    const refused: NamespaceDiff[] = [];
    for (const view of views) {
      const { targetNs, status, options } = view;
      if (status === 'onlyInBackup') {
        await this.create(view);
        continue;
      }
      if (options.same || !options.backup) continue;
      const change = viewChange(options.backup);
      const work = (): Promise<void> =>
        this.steps.command(targetNs, (collection) => ({ collMod: collection, ...change }));
      if (await this.steps.run(targetNs, '', work, [], false)) this.tally.optionsChanged++;
      else refused.push(view);
    }
    for (const { targetNs } of refused) await this.#drop(targetNs, 'The view could not be replaced');
    for (const { targetNs, options } of refused) {
      const made = await this.steps.run(
        targetNs,
        'The view could not be replaced',
        () =>
          this.steps.command(targetNs, (collection) => ({
            create: collection,
            ...creationOptions(options.backup ?? {}),
          })),
        [namespaceExists],
      );
      if (made) this.tally.optionsChanged++;
    }
  }

  #drop(targetNs: string, what: string): Promise<boolean> {
    return this.steps.run(targetNs, what, () => this.steps.command(targetNs, (collection) => ({ drop: collection })), [
      namespaceNotFound,
    ]);
  }

  /** Drops a collection that only the target has, once it is empty; {@link dropExtra}. */
  async dropExtra(targetNs: string, type: NamespaceDiff['type'], restoreId: string): Promise<DroppedExtra> {
    const outcome = await dropExtra(this.steps, targetNs, type, restoreId);
    if (outcome !== 'kept') this.tally.collectionsDropped++;
    return outcome;
  }

  async dropView(targetNs: string): Promise<void> {
    if (await this.#drop(targetNs, 'The view could not be dropped')) this.tally.collectionsDropped++;
  }
}

function viewChange(options: ExtendedJsonDocument): Document {
  const { viewOn, pipeline } = options;
  return fromExtendedJson({ viewOn, pipeline: pipeline ?? [] });
}

function optionsChange(backup: ExtendedJsonDocument, target: ExtendedJsonDocument): Document {
  const [wanted, current] = [normaliseOptions(backup), normaliseOptions(target)];
  const change: ExtendedJsonDocument = {};
  for (const name of changeableOptions) {
    if (comparableText(wanted[name], 'all') === comparableText(current[name], 'all')) continue;
    if (name === 'validator') {
      // A target without a validator may still carry a level of its own, which would go on with the one put back.
      change[name] = backup[name] ?? {};
      change['validationLevel'] = backup['validationLevel'] ?? 'strict';
      change['validationAction'] = backup['validationAction'] ?? 'error';
    } else if (name === 'validationLevel') change[name] = backup[name] ?? 'strict';
    else if (name === 'validationAction') change[name] = backup[name] ?? 'error';
    else if (name === 'expireAfterSeconds') change[name] = backup[name] ?? 'off';
    else if (name === 'changeStreamPreAndPostImages') change[name] = wanted[name] ?? { enabled: false };
  }
  return fromExtendedJson(change);
}
