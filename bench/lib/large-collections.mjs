/** Collections of any number of small documents, made when first asked for. */
import { loadDocuments, makeSmallDocument } from './documents.mjs';

const database = 'large';
/** @type {Set<number>} */
const made = new Set();

/** @param {import('./context.mjs').BenchContext} context @param {number} documents */
export async function largeCollection({ set }, documents) {
  const collection = `documents_${documents}`;
  if (!made.has(documents)) {
    process.stderr.write(`  making ${documents} small documents\n`);
    await loadDocuments(set.uri, documents, { database, collection, make: makeSmallDocument });
    made.add(documents);
  }
  return { database, collection };
}
