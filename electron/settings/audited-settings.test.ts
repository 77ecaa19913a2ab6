import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAudit, type Audit } from '../audit/service';
import { prepareDataFolder, resolveDataFolder } from '../platform/data-folder';
import { createSilentLogger } from '../platform/logger';
import { temporaryFolder } from '../test-support/temporary-folder';
import { auditSettings } from './audited-settings';
import { createSettings, type SettingsService } from './service';

let audit: Audit;
let settings: SettingsService;

beforeEach(async () => {
  const folder = resolveDataFolder(temporaryFolder('lifeboat-settings'));
  await prepareDataFolder(folder);
  audit = createAudit({ file: folder.auditFile, origin: 'window', logger: createSilentLogger() });
  settings = auditSettings(createSettings({ file: folder.settingsFile, folder }), audit);
});

afterEach(() => settings.close());

describe('the audit of settings', () => {
  it('tells what was changed, which store was added, and what was refused', async () => {
    await settings.update({ theme: 'dark' });
    const added = await settings.addStore({ name: 'Disk', path: temporaryFolder('lifeboat-store') });
    await settings.removeStore(added.id);
    await expect(settings.removeStore('default')).rejects.toThrow('new backups');
    const { entries } = await audit.list({ offset: 0, limit: 10 });
    expect(entries.map(({ operation, target, result }) => [operation, target, result])).toEqual([
      ['store.remove', 'default', 'refused'],
      ['store.remove', added.id, 'succeeded'],
      ['store.add', 'Disk', 'succeeded'],
      ['settings.update', 'theme', 'succeeded'],
    ]);
    expect(entries[3]?.parameters).toEqual({ theme: 'dark' });
  });
});
