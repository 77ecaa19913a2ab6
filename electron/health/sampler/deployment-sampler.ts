/**
 * Samples one deployment: every member by itself and all at the same time, none waiting for another longer than the limit. The
 * members are found out from what they tell, and followed through reconfigurations; of a sharded deployment through its mongos.
 */
import { AppFailure } from '../../../shared/result';
import type {
  DeploymentSample,
  HealthEvent,
  MemberConfiguration,
  MemberProblem,
  SetSample,
} from '../../../shared/health';
import type { MemberAddresses } from '../../connections/member-addresses';
import {
  alone,
  deriveMember,
  deriveSet,
  heardByOthers,
  hostsSeen,
  primaryAmong,
  type MemberSurroundings,
} from './derive-sample';
import { MemberAgent, rareIntervals, type AgentAnswer, type RareIntervals } from './member-agent';
import { parseConfiguration } from './member-reading';
import { createMemberReader, MemberUnreachable, type MemberReader } from './member-reader';
import { EventWatch } from './sample-events';
import { LagWatch } from './set-lag';

/** The sampler's edge: how a member is reached. */
export type OpenReader = (host: string, uri: string, options: { anonymous: boolean }) => MemberReader;

export interface DeploymentSamplerOptions {
  connectionId: string;
  addresses: () => Promise<MemberAddresses>;
  openReader?: OpenReader;
  /** Milliseconds between samples, 1,000 to 60,000. */
  intervalMs: number;
  rare?: RareIntervals;
}

interface SetState {
  shard: string | null;
  lag: LagWatch;
  configVersion: string | null;
  configuration: Map<string, MemberConfiguration>;
}

const shardMapMs = 60_000;
/** Rounds in which a first sample finds members of members: seeds, their set, shards, the shards' hidden members. */
const mostRounds = 4;

/** What one member may take: most of the interval, so that samples never pile up. */
export function limitOf(intervalMs: number): number {
  return Math.min(4000, Math.max(800, intervalMs * 0.8));
}

export class DeploymentSampler {
  readonly #options: DeploymentSamplerOptions;
  readonly #agents = new Map<string, MemberAgent>();
  readonly #sets = new Map<string, SetState>();
  readonly #events = new EventWatch();
  /** The address the user gave for a member that calls itself otherwise. */
  readonly #routes = new Map<string, string>();
  /** Arbiters: they know no users. */
  readonly #anonymous = new Set<string>();
  #addresses: MemberAddresses | null = null;
  #shards: Map<string, { set: string; hosts: string[] }> | null = null;
  #shardsDueAt = 0;
  #topology: DeploymentSample['topology'] = 'unknown';
  #closed = false;

  constructor(options: DeploymentSamplerOptions) {
    this.#options = options;
  }

  /** Never rejects; what cannot be known is told as a problem. Not to be called again before it settled. */
  async sample(): Promise<{ sample: DeploymentSample; events: HealthEvent[] }> {
    const at = Date.now();
    try {
      this.#addresses ??= await this.#options.addresses();
      if (this.#agents.size === 0) for (const seed of this.#addresses.seeds) this.#agent(seed);
    } catch (error) {
      return { sample: this.#nothing(at, error), events: [] };
    }
    const limitMs = limitOf(this.#options.intervalMs);
    const answers = new Map<string, AgentAnswer>();
    for (let round = 0; round < mostRounds; round++) {
      const unasked = [...this.#agents.values()].filter(({ host }) => !answers.has(host));
      if (unasked.length === 0 || this.#closed) break;
      for (const answer of await Promise.all(unasked.map((agent) => agent.ask(limitMs))))
        answers.set(answer.host, answer);
      await this.#discover(answers, limitMs);
    }
    const sample = await this.#derive(at, answers, limitMs);
    return { sample, events: this.#events.look(sample) };
  }

  /**
   * What `replSetGetConfig` answers, from the first of `hosts` that tells it; null when none may. Throws MemberUnreachable when
   * none is known or answers.
   */
  async configurationFrom(hosts: readonly string[]): Promise<unknown> {
    let refused = false;
    let failure: unknown = new MemberUnreachable({ code: 'unreachable', message: 'No member is known yet.' });
    for (const reader of hosts.flatMap((host) => this.#agents.get(host)?.reader ?? [])) {
      try {
        const answer = await reader.configuration(limitOf(this.#options.intervalMs));
        if (answer !== null) return answer;
        refused = true;
      } catch (error) {
        failure = error;
      }
    }
    if (refused) return null;
    throw failure;
  }

  /** For good: a sample under way settles at once and says nothing of the deployment. */
  close(): void {
    this.#closed = true;
    for (const agent of this.#agents.values()) agent.close();
    this.#agents.clear();
  }

  #nothing(at: number, error: unknown): DeploymentSample {
    const problem: MemberProblem =
      error instanceof AppFailure
        ? { code: error.error.code, message: error.error.message }
        : { code: 'internal', message: error instanceof Error ? error.message : String(error) };
    return { connectionId: this.#options.connectionId, at, topology: this.#topology, sets: [], singles: [], problem };
  }

  #agent(host: string, anonymous = false): MemberAgent {
    const existing = this.#agents.get(host);
    if (existing) return existing;
    const addresses = this.#addresses;
    if (!addresses) throw new Error('No addresses yet');
    const open = this.#options.openReader ?? createMemberReader;
    const uri = addresses.uriOf(this.#routes.get(host) ?? host, { anonymous });
    const agent = new MemberAgent(host, open(host, uri, { anonymous }), this.#options.rare ?? rareIntervals);
    this.#agents.set(host, agent);
    if (anonymous) this.#anonymous.add(host);
    return agent;
  }

  #drop(host: string): void {
    this.#agents.get(host)?.close();
    this.#agents.delete(host);
    this.#anonymous.delete(host);
  }

  /** Adds the members that the answers name, and drops those that are members no more. */
  async #discover(answers: Map<string, AgentAnswer>, limitMs: number): Promise<void> {
    const given = [...answers.values()];
    if (given.some(({ reading }) => reading?.isMongos)) {
      this.#topology = 'sharded';
      await this.#discoverShards(given, limitMs);
    } else if (this.#topology !== 'sharded') {
      const told = given.find(({ reading }) => reading !== null)?.reading;
      if (told) this.#topology = told.setName === null ? 'standalone' : 'replica set';
    }
    if (this.#addresses?.direct) return;
    for (const [setName, ofSet] of this.#bySet(given)) {
      const seen = hostsSeen(ofSet);
      if (!seen) continue;
      for (const { host, reading } of ofSet) {
        if (seen.hosts.includes(host) || reading === null) continue;
        // Known under another name than its set gives it: reached as the user wrote it, told as the set calls it.
        if (reading.me !== null && seen.hosts.includes(reading.me)) this.#routes.set(reading.me, host);
        this.#drop(host);
        answers.delete(host);
      }
      for (const host of seen.hosts) {
        const arbiter = seen.arbiters.includes(host);
        if (arbiter && !this.#anonymous.has(host)) this.#drop(host);
        this.#agent(host, arbiter).setName = setName;
      }
      for (const agent of [...this.#agents.values()])
        if (agent.setName === setName && !seen.hosts.includes(agent.host)) {
          this.#drop(agent.host);
          answers.delete(agent.host);
        }
    }
    // Seeds that never answered and that no set names are aliases or old addresses, once a set is known.
    if (this.#topology === 'replica set' && this.#bySet(given).some(([, ofSet]) => hostsSeen(ofSet)))
      for (const agent of [...this.#agents.values()])
        if (agent.setName === null) {
          this.#drop(agent.host);
          answers.delete(agent.host);
        }
  }

  async #discoverShards(answers: readonly AgentAnswer[], limitMs: number): Promise<void> {
    if (Date.now() < this.#shardsDueAt && this.#shards) return;
    const mongos = answers.find(({ reading }) => reading?.isMongos);
    const map =
      mongos &&
      (await this.#agents
        .get(mongos.host)
        ?.reader.shardMap(limitMs)
        .catch(() => null));
    if (!map) return;
    this.#shardsDueAt = Date.now() + shardMapMs;
    this.#shards = new Map();
    for (const [shard, text] of Object.entries(map)) {
      const [set = '', hosts = ''] = text.includes('/') ? text.split('/') : ['', text];
      const list = hosts.split(',').filter((host) => host !== '');
      if (set === '' || list.length === 0) continue;
      this.#shards.set(shard, { set, hosts: list });
      for (const host of list) this.#agent(host).setName ??= set;
    }
  }

  #bySet(answers: readonly AgentAnswer[]): [string, AgentAnswer[]][] {
    const sets = new Map<string, AgentAnswer[]>();
    for (const answer of answers) {
      const setName = answer.reading?.setName ?? this.#agents.get(answer.host)?.setName ?? null;
      if (setName === null || answer.reading?.isMongos) continue;
      sets.set(setName, [...(sets.get(setName) ?? []), answer]);
    }
    return [...sets];
  }

  async #derive(at: number, answers: ReadonlyMap<string, AgentAnswer>, limitMs: number): Promise<DeploymentSample> {
    const given = [...answers.values()];
    const bySet = this.#bySet(given);
    const sets = await Promise.all(bySet.map(([name, ofSet]) => this.#deriveSet(name, ofSet, limitMs)));
    const inSets = new Set(bySet.flatMap(([, ofSet]) => ofSet.map(({ host }) => host)));
    const singles = given
      .filter(({ host }) => !inSets.has(host))
      .map((answer) => deriveMember(answer, alone, this.#topology === 'standalone' ? 'standalone' : undefined));
    const problem = given.some(({ reading }) => reading !== null) ? null : (given[0]?.problem ?? null);
    return { connectionId: this.#options.connectionId, at, topology: this.#topology, sets, singles, problem };
  }

  async #deriveSet(name: string, answers: AgentAnswer[], limitMs: number): Promise<SetSample> {
    const shard = [...(this.#shards ?? [])].find(([, { set }]) => set === name)?.[0] ?? null;
    let state = this.#sets.get(name);
    if (!state) {
      state = { shard, lag: new LagWatch(), configVersion: null, configuration: new Map() };
      this.#sets.set(name, state);
    }
    const primary = primaryAmong(answers);
    await this.#readConfiguration(state, primary ?? answers.find(({ reading }) => reading !== null) ?? null, limitMs);
    const reader = primary ? (this.#agents.get(primary.host)?.reader ?? null) : null;
    const lag = await state.lag.look(primary, reader, answers);
    const surroundings = new Map<string, MemberSurroundings>(
      answers.map(({ host }) => [
        host,
        {
          configuration: state.configuration.get(host) ?? null,
          heardByOthers: heardByOthers(host, answers),
          lag: lag.members.get(host) ?? null,
          majorityLag: host === primary?.host ? lag.majority : null,
        },
      ]),
    );
    const ordered = [...answers].sort((a, b) => a.host.localeCompare(b.host, 'en', { numeric: true }));
    return deriveSet(name, shard, ordered, surroundings);
  }

  async #readConfiguration(state: SetState, from: AgentAnswer | null, limitMs: number): Promise<void> {
    const version = from?.reading?.configVersion ?? null;
    if (!from || version === null || version === state.configVersion) return;
    const agent = this.#agents.get(from.host);
    const answer = await agent?.reader.configuration(limitMs).catch(() => null);
    state.configVersion = version;
    state.configuration = parseConfiguration(answer);
  }
}
