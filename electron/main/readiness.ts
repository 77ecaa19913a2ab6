/** What launchers and tests ask of the window through the environment: an announcement, a picture. */
import { writeFile } from 'node:fs/promises';
import { app, type BrowserWindow } from 'electron';

const paintMs = 400;

/** Called when the window shows its first data. */
export async function announceReady(window: BrowserWindow, page: string): Promise<void> {
  const { LIFEBOAT_ANNOUNCE_READY: announce, LIFEBOAT_SCREENSHOT: picture } = process.env;
  if (announce === '1') {
    const createdAt = process.getCreationTime();
    const ms = createdAt === null ? null : Math.round(Date.now() - createdAt);
    process.stdout.write(`LIFEBOAT_READY ${JSON.stringify({ ms, page })}\n`);
  }
  if (picture) {
    await new Promise((resolve) => setTimeout(resolve, paintMs));
    const image = await window.webContents.capturePage();
    await writeFile(picture, image.toPNG());
    app.quit();
  }
}
