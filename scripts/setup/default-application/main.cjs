'use strict';
/**
 * Stands in for the default application of an Electron that came without one: starts the application in the folder given
 * as the first argument that is not a switch.
 */
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { app } = require('electron');

/** Electron's own default application uses these two; they are not part of its documented interface. */
const launcher = /** @type {import('electron').App & Record<'setVersion' | 'setAppPath', (value: string) => void>} */ (
  app
);

const folder = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (folder === undefined) {
  process.stderr.write('Give the folder of the application to start.\n');
  process.exit(2);
}
const path = resolve(folder);
const description = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
Object.assign(process, { defaultApp: true });
launcher.setName(description.productName ?? description.name);
launcher.setVersion(description.version);
launcher.setAppPath(path);
require(join(path, description.main));
