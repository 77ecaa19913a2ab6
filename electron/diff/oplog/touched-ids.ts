/** What was touched, collection by collection, as long as it can be followed and is worth it. */
import type { Concerned } from './follow-entry';

/** A collection that is followed. */
export interface Followed {
  index: number;
  /** `database.collection` of its documents: of a time series the buckets. */
  ns: string;
  /** Hex without dashes; null where the server does not say: then its name must do. */
  uuid: string | null;
  /** Beyond so many, reading everything is the faster way. */
  mostTouched: number;
}

export class TouchedIds {
  readonly #byName = new Map<string, Track>();
  readonly #byUuid = new Map<string, Track>();
  readonly #tracks = new Map<number, Track>();

  constructor(followed: readonly Followed[]) {
    for (const one of followed) {
      const track: Track = { followed: one, ids: new Map(), lost: null };
      this.#tracks.set(one.index, track);
      this.#byName.set(one.ns, track);
      if (one.uuid !== null) this.#byUuid.set(one.uuid, track);
    }
  }

  touched(ns: string, uuid: string | null, id: Buffer): void {
    const named = this.#byName.get(ns);
    const track =
      uuid === null ? named : (this.#byUuid.get(uuid) ?? (named?.followed.uuid === null ? named : undefined));
    if (track) add(track, id);
    else if (named) lose(named, 'another collection bore its name since');
  }

  lost(concerned: Concerned, reason: string): void {
    for (const track of this.#tracks.values()) {
      const { ns, uuid } = track.followed;
      const isMeant =
        concerned.kind === 'all' ||
        (concerned.kind === 'database' && ns.startsWith(`${concerned.database}.`)) ||
        (concerned.kind === 'collection' && (ns === concerned.ns || (uuid !== null && uuid === concerned.uuid)));
      if (isMeant) lose(track, reason);
    }
  }

  /** Why the collection cannot be followed; null when it can. */
  reason(index: number): string | null {
    return this.#tracks.get(index)?.lost ?? null;
  }

  /** Packed `_id`s that were touched, each once. */
  ids(index: number): Buffer[] {
    return [...(this.#tracks.get(index)?.ids.values() ?? [])];
  }

  get areAllLost(): boolean {
    return [...this.#tracks.values()].every(({ lost }) => lost !== null);
  }
}

interface Track {
  followed: Followed;
  /** By their bytes. */
  ids: Map<string, Buffer>;
  lost: string | null;
}

function add(track: Track, id: Buffer): void {
  if (track.lost !== null) return;
  const key = id.toString('latin1');
  if (track.ids.has(key)) return;
  if (track.ids.size >= track.followed.mostTouched) {
    lose(track, `more than ${track.followed.mostTouched} of its documents were touched since`);
  } else track.ids.set(key, id);
}

function lose(track: Track, reason: string): void {
  track.lost ??= reason;
  track.ids.clear();
}
