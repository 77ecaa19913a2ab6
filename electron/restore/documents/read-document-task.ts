/** Huge documents put side by side, in a worker thread: seconds of work in which a window would stand still. */
import { diffDocuments, summariseDocument } from '../../diff/document-diff';
import type { DocumentChange, DocumentDiff } from '../../../shared/diff';
import type { Task } from '../../jobs/task';
import type { BothSides } from './document-pairs';

/** A thread gets copies that are no Buffers any more. */
export interface SidesInput {
  backup: Uint8Array | null;
  target: Uint8Array | null;
}

export type DiffDocumentOutput = Pick<DocumentDiff, 'rows' | 'rowsOmitted'>;

/** Bytes of both sides together that are put side by side at once: some milliseconds. */
const mostAtOnce = 128 * 1024;

export function isHuge({ backup, target }: BothSides): boolean {
  return (backup?.length ?? 0) + (target?.length ?? 0) > mostAtOnce;
}

function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export const diffDocumentTask: Task<SidesInput, DiffDocumentOutput> = ({ backup, target }) =>
  Promise.resolve(diffDocuments(bufferOf(backup), bufferOf(target)));

export const summariseDocumentTask: Task<SidesInput & { change: DocumentChange }, string> = (input) =>
  Promise.resolve(summariseDocument(input.change, bufferOf(input.backup), bufferOf(input.target)));
