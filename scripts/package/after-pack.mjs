/** electron-builder's hook between copying Electron and signing: what belongs to the Electron in our cache is not shipped. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** @param {{ appOutDir: string, packager: { getResourcesDir(appOutDir: string): string } }} context */
export async function afterPack({ appOutDir, packager }) {
  await rm(join(appOutDir, 'complete.json'), { force: true });
  await rm(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true });
}

export { afterPack as default };
