/** The one internal module of the driver that is used, see raw-commands.ts. */
declare module 'mongodb/lib/cmap/commands.js' {
  export class DocumentSequence {
    constructor(field: string);
    /** Appends a document by its BSON; the object is only kept for command monitoring. Returns the length so far. */
    push(document: object, buffer: Uint8Array): number;
  }
}
