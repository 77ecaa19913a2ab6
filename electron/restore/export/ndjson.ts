import type { ExportWriter } from './export-writer';

/**
 * One JSON object a line and differing document: `ns`, `_id` (canonical Extended JSON), `change`, and for changed documents
 * `fields`: path, kind and both values as text with their types.
 */
export function createNdjsonWriter(): ExportWriter {
  return {
    mostDocuments: Infinity,
    begin: () => '',
    namespace: () => '',
    document({ ns, id, change, rows, rowsOmitted }) {
      // The _id is JSON already: parsing it would reorder names that look like numbers.
      const head = `{"ns":${JSON.stringify(ns)},"_id":${id},"change":${JSON.stringify(change)}`;
      if (change !== 'changed') return `${head}}\n`;
      const fields = rows
        .filter(({ kind }) => kind !== 'same')
        .map(({ path, kind, backup, target }) => ({ path, kind, backup, target }));
      const omitted = rowsOmitted > 0 ? `,"fieldsOmitted":${rowsOmitted}` : '';
      return `${head},"fields":${JSON.stringify(fields)}${omitted}}\n`;
    },
    endNamespace: () => '',
    end: () => '',
  };
}
