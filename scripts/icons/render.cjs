'use strict';
/** Runs inside Electron: draws an SVG at each asked size with Chromium and writes PNG files. */
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { app, BrowserWindow } = require('electron');

/** @type {{ output: string, drawings: { svg: string, sizes: number[] }[] }} */
const order = JSON.parse(String(process.env['LIFEBOAT_ICONS']));

/**
 * @param {import('electron').BrowserWindow} window
 * @param {string} svg
 * @param {number} size pixels
 * @returns {Promise<string>} a data URL
 */
function draw(window, svg, size) {
  const source = `data:image/svg+xml;base64,${readFileSync(svg).toString('base64')}`;
  return window.webContents.executeJavaScript(`(async () => {
    const image = new Image(${size}, ${size});
    image.src = ${JSON.stringify(source)};
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: ${size}, height: ${size} });
    canvas.getContext('2d').drawImage(image, 0, 0, ${size}, ${size});
    return canvas.toDataURL('image/png');
  })()`);
}

app
  .whenReady()
  .then(async () => {
    const window = new BrowserWindow({ show: false });
    await window.loadURL('data:text/html,<!doctype html>');
    for (const { svg, sizes } of order.drawings) {
      for (const size of sizes) {
        const image = await draw(window, svg, size);
        writeFileSync(join(order.output, `${size}x${size}.png`), Buffer.from(image.split(',')[1] ?? '', 'base64'));
      }
    }
    app.exit(0);
  })
  .catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    app.exit(1);
  });
