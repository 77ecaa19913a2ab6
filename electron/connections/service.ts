/** Saved and passing connections, and the deployments behind them. */
import { randomBytes } from 'node:crypto';
import type { MongoClient } from 'mongodb';
import type {
  CollectionInfo,
  Connection,
  ConnectionInput,
  ConnectionTest,
  Deployment,
  SecretStoreStatus,
} from '../../shared/connections';
import { AppFailure, fail } from '../../shared/result';
import { auditedIn, type AuditSink } from '../audit/audited';
import { JsonStore } from '../platform/json-file';
import type { Logger } from '../platform/logger';
import { ClientPool } from './client-pool';
import { listCollections } from './collections';
import { ConnectionSecretsKeeper } from './connection-secrets';
import {
  checkWithDriver,
  hasSecrets,
  hostsOf,
  joinConnectionString,
  splitConnectionString,
  toolConnectionString,
  type ConnectionSecrets,
} from './connection-string';
import { describeDeployment, hello, isSecondaryAlone } from './deployment';
import { diagnoseDriverError, isDriverError } from './diagnose';
import { memberAddressesOf, type MemberAddresses } from './member-addresses';
import type { SecretStore } from './secret-store';
import {
  connectionsFileSchema,
  noConnections,
  parseExportedConnections,
  type ExportedConnections,
} from './stored-connections';
import { explainConnectFailure, testConnection } from './test-connection';

export interface ConnectionsOptions {
  /** The JSON file of saved connections; holds no secret. */
  file: string;
  secrets: SecretStore;
  logger: Logger;
  audit: AuditSink;
  /** Milliseconds an unused client stays open; a minute by default. */
  idleMs?: number;
}

/** A deployment while `use` runs. Errors of its client leave `use` as AppFailure. */
export interface OpenDeployment {
  readonly connection: Connection;
  readonly client: MongoClient;
  describe(): Promise<Deployment>;
  /**
   * The connection string with its secrets, percent-encoded: only for withToolConfig and tasks, never logged. `host`
   * (`host:port`) names one member to be talked to alone.
   */
  toolUri(options?: { readPreference?: string; host?: string }): string;
}

export interface UseOptions {
  /** Something will be written: refused for read-only connections and secondaries. */
  write?: boolean;
  signal?: AbortSignal;
}

/** What a passing connection is called and may do; by default it counts as production. */
export type EphemeralOptions = Partial<Pick<Connection, 'name' | 'colour' | 'environment' | 'readOnly' | 'sandboxId'>>;

export interface Connections {
  /** Saved ones by name, then passing ones. */
  list(): Promise<Connection[]>;
  /** By id or name; throws 'not-found'. */
  get(idOrName: string): Promise<Connection>;
  /** Throws 'usage' saying what is wrong with the input, 'secret-unavailable' when the password cannot be kept. */
  add(input: ConnectionInput): Promise<Connection>;
  update(id: string, input: ConnectionInput): Promise<Connection>;
  remove(id: string): Promise<void>;
  test(id: string): Promise<ConnectionTest>;
  /** `existingId`: the connection that is being edited; its password is used unless another is given. */
  testInput(input: ConnectionInput, existingId: string | null): Promise<ConnectionTest>;
  /** Keeps a password in memory until the process ends. */
  unlock(id: string, password: string): Promise<void>;
  collections(id: string): Promise<CollectionInfo[]>;
  secretStore(): SecretStoreStatus;
  exportWithoutSecrets(): Promise<string>;
  /** Adds what an export holds, under new names where they are taken. */
  importConnections(json: string): Promise<Connection[]>;
  /** Registers a connection that is never written to disk and gone with the process; `remove` ends it earlier. */
  ephemeral(uri: string, options?: EphemeralOptions): Promise<Connection>;
  use<T>(id: string, fn: (deployment: OpenDeployment) => Promise<T>, options?: UseOptions): Promise<T>;
  /** How to ask each member by itself; connects to none. Throws 'dns' when the name of the deployment is not known. */
  memberAddresses(id: string): Promise<MemberAddresses>;
  /**
   * Something in the list changed, here or in another process. `id`: what leads to this one, its password included, was given
   * anew here.
   */
  onChange(listener: (id: string | null) => void): () => void;
  close(): Promise<void>;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const { audit } = options;
  const logger = options.logger.child({ part: 'connections' });
  const store = new JsonStore({ path: options.file, schema: connectionsFileSchema, absent: noConnections });
  const keeper = new ConnectionSecretsKeeper(options.secrets);
  const pool = new ClientPool(options.idleMs);
  const passing = new Map<string, Connection>();
  const usedUris = new Map<string, string>();
  const listeners = new Set<(id: string | null) => void>();

  function changed(id: string | null): void {
    for (const listener of [...listeners]) listener(id);
  }

  async function list(): Promise<Connection[]> {
    const { connections } = await store.read();
    return [...[...connections].sort((a, b) => a.name.localeCompare(b.name)), ...passing.values()];
  }

  async function get(idOrName: string): Promise<Connection> {
    const all = await list();
    const lowerCase = idOrName.toLowerCase();
    return (
      all.find(({ id }) => id === idOrName) ??
      all.find(({ name }) => name === idOrName) ??
      all.find(({ name }) => name.toLowerCase() === lowerCase) ??
      fail('not-found', `There is no connection ${idOrName}.`, 'See the list of saved connections.')
    );
  }

  const audited = auditedIn(audit, 'connection');

  async function dropClient(id: string): Promise<void> {
    const uri = usedUris.get(id);
    usedUris.delete(id);
    if (uri !== undefined) await pool.drop(uri);
  }

  function refuseTakenName(connections: readonly Connection[], name: string, except: string | null): void {
    const taken = connections.some((saved) => saved.id !== except && saved.name.toLowerCase() === name.toLowerCase());
    if (taken) fail('usage', `There is already a connection named ${name}.`, 'Choose another name.');
  }

  async function save(input: ConnectionInput, existing: Connection | null): Promise<Connection> {
    const resolved = await keeper.resolve(input, existing);
    checkWithDriver(joinConnectionString(resolved.uri, resolved.username, resolved.secrets), resolved.secrets);
    const connection: Connection = {
      id: existing?.id ?? randomBytes(8).toString('hex'),
      name: input.name.trim(),
      colour: input.colour,
      environment: input.environment,
      readOnly: input.readOnly,
      uri: resolved.uri,
      username: resolved.username,
      secretPlace: resolved.secretPlace,
      sandboxId: null,
      createdAt: existing?.createdAt ?? new Date().toISOString(),
    };
    refuseTakenName((await store.read()).connections, connection.name, connection.id);
    await keeper.keep(connection.id, connection.secretPlace, resolved.secrets);
    await store.update((file) => {
      refuseTakenName(file.connections, connection.name, connection.id);
      const others = file.connections.filter(({ id }) => id !== connection.id);
      return { ...file, connections: [...others, connection] };
    });
    await dropClient(connection.id);
    changed(connection.id);
    return connection;
  }

  function parametersOf(input: ConnectionInput): Record<string, unknown> {
    return { environment: input.environment, readOnly: input.readOnly, secretPlace: input.secretPlace };
  }

  async function remove(id: string): Promise<void> {
    const connection = await get(id);
    if (passing.delete(connection.id)) {
      await keeper.forget(connection.id);
      await dropClient(connection.id);
      changed(null);
      return;
    }
    await audited('connection.remove', connection.name, {}, async () => {
      await store.update((file) => ({
        ...file,
        connections: file.connections.filter((saved) => saved.id !== connection.id),
      }));
      await keeper.forget(connection.id);
      await dropClient(connection.id);
    });
  }

  function testTarget(connection: Pick<Connection, 'uri' | 'username' | 'environment'>, secrets: ConnectionSecrets) {
    return {
      fullUri: joinConnectionString(connection.uri, connection.username, secrets),
      uri: connection.uri,
      production: connection.environment === 'production',
    };
  }

  async function test(id: string): Promise<ConnectionTest> {
    const connection = await get(id);
    return testConnection(testTarget(connection, await keeper.of(connection)));
  }

  async function testInput(input: ConnectionInput, existingId: string | null): Promise<ConnectionTest> {
    const existing = existingId === null ? null : await get(existingId);
    const resolved = await keeper.resolve({ ...input, secretPlace: 'ask' }, existing);
    checkWithDriver(joinConnectionString(resolved.uri, resolved.username, resolved.secrets), resolved.secrets);
    return testConnection(testTarget({ ...resolved, environment: input.environment }, resolved.secrets));
  }

  async function importConnections(json: string): Promise<Connection[]> {
    const added: Connection[] = [];
    for (const exported of parseExportedConnections(json).connections) {
      const taken = new Set((await list()).map(({ name }) => name.toLowerCase()));
      let name = exported.name;
      for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${exported.name.slice(0, 74)} (${number})`;
      // A file made by hand may hold a password after all: it is not taken over.
      const { uri, username } = splitConnectionString(exported.uri);
      const secretPlace = exported.secretPlace === 'none' ? 'none' : 'ask';
      const input: ConnectionInput = { ...exported, name, uri, username: username ?? exported.username, secretPlace };
      added.push(await audited('connection.import', name, parametersOf(input), () => save(input, null)));
    }
    return added;
  }

  function ephemeral(uri: string, given: EphemeralOptions = {}): Promise<Connection> {
    const split = splitConnectionString(uri);
    checkWithDriver(joinConnectionString(split.uri, split.username, split.secrets), split.secrets);
    const connection: Connection = {
      id: `passing-${randomBytes(6).toString('hex')}`,
      name: given.name ?? hostsOf(split.uri).join(','),
      colour: given.colour ?? 'gray',
      environment: given.environment ?? 'production',
      readOnly: given.readOnly ?? false,
      uri: split.uri,
      username: split.username,
      secretPlace: hasSecrets(split.secrets) ? 'ask' : 'none',
      sandboxId: given.sandboxId ?? null,
      createdAt: new Date().toISOString(),
    };
    keeper.remember(connection.id, split.secrets);
    passing.set(connection.id, connection);
    changed(null);
    return Promise.resolve(connection);
  }

  function open(connection: Connection, client: MongoClient, fullUri: string): OpenDeployment {
    return {
      connection,
      client,
      describe: () => describeDeployment(client),
      toolUri: (toolOptions) => {
        const resolved = { tls: client.options.tls, authSource: client.options.credentials?.source ?? null };
        return toolConnectionString(fullUri, { ...toolOptions, resolved });
      },
    };
  }

  async function acquire(connection: Connection, fullUri: string, signal: AbortSignal | undefined) {
    const acquiring = pool.acquire(fullUri);
    try {
      return await orCancelled(acquiring, signal);
    } catch (error) {
      if (error instanceof AppFailure) {
        acquiring.then(
          ({ release }) => release(),
          () => undefined,
        );
        throw error;
      }
      const explained = await explainConnectFailure(connection, error);
      logger.warn({ connection: connection.name, code: explained.code }, 'Cannot connect');
      throw new AppFailure(explained);
    }
  }

  async function use<T>(id: string, fn: (deployment: OpenDeployment) => Promise<T>, useOptions: UseOptions = {}) {
    const connection = await get(id);
    if (useOptions.write && connection.readOnly)
      fail(
        'refused',
        `${connection.name} is read-only.`,
        'Choose another target, or switch "read-only" off in the connection.',
      );
    if (useOptions.signal?.aborted) fail('cancelled', 'Cancelled.');
    const fullUri = joinConnectionString(connection.uri, connection.username, await keeper.of(connection));
    usedUris.set(connection.id, fullUri);
    const { client, release } = await acquire(connection, fullUri, useOptions.signal);
    try {
      if (useOptions.write && client.options.directConnection && isSecondaryAlone(await hello(client)))
        fail(
          'topology',
          `${connection.name} reaches a secondary directly: nothing can be written there.`,
          'Connect to the whole replica set instead.',
        );
      return await fn(open(connection, client, fullUri));
    } catch (error) {
      if (!isDriverError(error)) throw error;
      throw new AppFailure(diagnoseDriverError(error, hostsOf(connection.uri).join(', ')));
    } finally {
      release();
    }
  }

  return {
    list,
    get,
    add: (input) => audited('connection.add', input.name, parametersOf(input), () => save(input, null)),
    update: async (id, input) => {
      const existing = await get(id);
      if (passing.has(existing.id)) fail('usage', `${existing.name} is not saved and cannot be edited.`);
      return audited('connection.update', existing.name, parametersOf(input), () => save(input, existing));
    },
    remove,
    test,
    testInput,
    unlock: async (id, password) => {
      const connection = await get(id);
      await dropClient(connection.id);
      keeper.remember(connection.id, { password, options: {} });
      changed(connection.id);
    },
    collections: (id) => use(id, ({ client }) => listCollections(client)),
    secretStore: () => options.secrets.status(),
    exportWithoutSecrets: async () => {
      const { connections } = await store.read();
      const exported: ExportedConnections = {
        kind: 'lifeboat-connections',
        formatVersion: 1,
        connections: connections.map(({ name, colour, environment, readOnly, uri, username, secretPlace }) => ({
          name,
          colour,
          environment,
          readOnly,
          uri,
          username,
          secretPlace,
        })),
      };
      return `${JSON.stringify(exported, null, 2)}\n`;
    },
    importConnections,
    ephemeral,
    use,
    memberAddresses: async (id) => {
      const connection = await get(id);
      const fullUri = joinConnectionString(connection.uri, connection.username, await keeper.of(connection));
      return memberAddressesOf(fullUri).catch((error: unknown) => {
        throw new AppFailure(diagnoseDriverError(error, hostsOf(connection.uri).join(', ')));
      });
    },
    onChange: (listener) => {
      const stopWatching = store.onChange(() => listener(null));
      listeners.add(listener);
      return () => {
        stopWatching();
        listeners.delete(listener);
      };
    },
    close: async () => {
      store.close();
      await pool.close();
    },
  };
}

function orCancelled<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new AppFailure({ code: 'cancelled', message: 'Cancelled.' }));
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
