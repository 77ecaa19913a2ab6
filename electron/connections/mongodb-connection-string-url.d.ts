/** Its own types are not reachable through its `exports`; this is the part Lifeboat uses. */
declare module 'mongodb-connection-string-url' {
  /** Option names are found under any capitalisation. */
  export class ConnectionString {
    constructor(uri: string);
    readonly isSRV: boolean;
    hosts: string[];
    /** Percent-encoded, as `password` and `pathname` are. */
    username: string;
    password: string;
    pathname: string;
    readonly searchParams: {
      get(name: string): string | null;
      set(name: string, value: string): void;
      delete(name: string): void;
      toString(): string;
    };
    toString(): string;
  }
}
