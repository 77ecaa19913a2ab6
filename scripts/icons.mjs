/**
 * `node scripts/icons.mjs`: renders resources/icons/*.svg to the PNG sizes, icon.ico and icon.icns that packages need. The
 * results are committed: run it after changing a drawing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideDisplay } from './children/display.mjs';
import { exitCodeOf, spawnOwned } from './children/owned-child.mjs';
import { setUp } from './setup.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const icons = join(repository, 'resources', 'icons');

/** Below 40 pixels the details of the large drawing only blur. */
const drawings = [
  { svg: join(icons, 'icon-small.svg'), sizes: [16, 24, 32] },
  { svg: join(icons, 'icon.svg'), sizes: [48, 64, 128, 256, 512, 1024] },
];
const windowsSizes = [16, 24, 32, 48, 64, 128, 256];

/** Apple's name for each size: plain ones, and those for displays with two pixels per point. */
const appleTypes = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/**
 * @param {number} size
 * @returns {Buffer}
 */
function png(size) {
  return readFileSync(join(icons, `${size}x${size}.png`));
}

/**
 * A Windows icon: a directory of 16 bytes per image, then the images, which may be PNG.
 * @param {readonly number[]} sizes at most 256
 * @returns {Buffer}
 */
function windowsIcon(sizes) {
  const header = Buffer.alloc(6 + 16 * sizes.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(sizes.length, 4);
  const images = sizes.map(png);
  let offset = header.length;
  sizes.forEach((size, index) => {
    const at = 6 + 16 * index;
    const image = /** @type {Buffer} */ (images[index]);
    // One byte per side; 256 is written as 0.
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(image.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += image.length;
  });
  return Buffer.concat([header, ...images]);
}

/**
 * An Apple icon: `icns`, the length of everything, then per image its type, its length with these eight bytes, and a PNG.
 * @param {readonly (readonly [string, number])[]} types
 * @returns {Buffer}
 */
function appleIcon(types) {
  const parts = types.map(([type, size]) => chunk(type, png(size)));
  return chunk('icns', Buffer.concat(parts));
}

/**
 * @param {string} type four letters
 * @param {Buffer} content
 * @returns {Buffer}
 */
function chunk(type, content) {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32BE(content.length + 8, 4);
  return Buffer.concat([header, content]);
}

const runtime = await setUp();
const display = await provideDisplay();
try {
  const root = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const renderer = join(repository, 'scripts', 'icons');
  const child = spawnOwned(/** @type {string} */ (runtime.electron), [...root, renderer], {
    env: { ...process.env, ...display.environment, LIFEBOAT_ICONS: JSON.stringify({ output: icons, drawings }) },
    stdio: ['ignore', 'inherit', 'ignore'],
  });
  const code = await exitCodeOf(child);
  if (code !== 0) throw new Error(`Electron ended with exit code ${code}`);
} finally {
  await display.end();
}
writeFileSync(join(icons, 'icon.ico'), windowsIcon(windowsSizes));
writeFileSync(join(icons, 'icon.icns'), appleIcon(/** @type {[string, number][]} */ (appleTypes)));
console.log(`icons written to ${icons}`);
