/** Strings as small numbers, each kept once. */

/** Number 0 stands for null. */
export class InternedNames {
  readonly #numbers = new Map<string, number>();
  readonly #most: number;
  readonly names: string[] = [''];

  /** Past `most` different names, new ones become `(others)`. */
  constructor(most: number, names: readonly string[] = []) {
    this.#most = most;
    for (const name of names.slice(1)) this.#add(name);
  }

  numberOf(name: string | null): number {
    if (name === null) return 0;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.names.length <= this.#most || name === others) return this.#add(name);
    return this.numberOf(others);
  }

  nameOf(number: number): string | null {
    return number === 0 ? null : (this.names[number] ?? null);
  }

  #add(name: string): number {
    const number = this.names.length;
    this.names.push(name);
    this.#numbers.set(name, number);
    return number;
  }
}

export const others = '(others)';
