/** Strings that a collation calls equal: the server, whose library of languages decides, is asked about all at once. */
import type { Document } from 'mongodb';
import { askAbout, type ShownTo } from './server-match';
import type { StringNames } from './index-keys';

/** What one question holds; servers take 16 MiB. */
const mostBytes = 10 * 1024 * 1024;
/** Bytes that a string takes in a question beside its own. */
const overhead = 40;

export class CollatedStrings {
  readonly #strings = new Map<string, number>();
  #bytes = 0;
  /** False once there were more strings than one question holds. */
  isComplete = true;

  add(text: Buffer): void {
    if (!this.isComplete) return;
    const key = text.toString('utf8');
    if (this.#strings.has(key)) return;
    this.#bytes += text.length + overhead;
    if (this.#bytes > mostBytes) {
      this.isComplete = false;
      this.#strings.clear();
      return;
    }
    this.#strings.set(key, this.#strings.size);
  }

  /** Asks; a string that was never added has its own name. Driver errors pass through. */
  async names(server: ShownTo): Promise<StringNames> {
    const classes = new Map<string, string>();
    if (this.#strings.size > 0) {
      const documents = [...this.#strings].map(([text, place]) => ({ _id: place, text }));
      const texts = [...this.#strings.keys()];
      const stages: Document[] = [{ $group: { _id: '$text', places: { $push: '$_id' } } }];
      for await (const answer of askAbout(server, documents, stages, false)) {
        const { places } = answer as { places: number[] };
        for (const place of places) classes.set(texts[place] ?? '', `c${places[0] ?? 0}`);
      }
    }
    return (text) => {
      const key = text.toString('utf8');
      return classes.get(key) ?? `=${key}`;
    };
  }
}
