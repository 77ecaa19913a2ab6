/**
 * `node preview-child.mjs FOLDER URI BACKUP_ID MONGODUMP MONGORESTORE`: makes a preview in a process of its own and prints
 * what it took, as JSON: `{ peakBytes, baseBytes, same, seconds }`.
 */
import { openLifeboat } from './lifeboat.mjs';

const [folder = '', uri = '', backupId = '', mongodump = '', mongorestore = ''] = process.argv.slice(2);
const lifeboat = await openLifeboat({ folder, programs: { mongodump, mongorestore }, uri });
const baseBytes = process.resourceUsage().maxRSS * 1024;
const started = performance.now();
const preview = await lifeboat.preview(backupId, { full: true });
const seconds = (performance.now() - started) / 1000;
const { same } = preview.result.totals.documents;
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ peakBytes, baseBytes, same, seconds })}\n`);
await lifeboat.close();
