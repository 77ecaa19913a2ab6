/** Unpacking zip and tar.gz; needs node_modules. Names that lead out of the target folder are refused by both libraries. */
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

const fileTypeMask = 0o170000;
const symbolicLink = 0o120000;

/**
 * @param {string} zip
 * @param {string} folder must exist
 * @param {(name: string) => string | null} [place] where a member goes, relative to `folder`; null leaves it out
 * @returns {Promise<number>} how many files were written
 */
export async function unzip(zip, folder, place = (name) => name) {
  const yauzl = await import('yauzl');
  const archive = await yauzl.openPromise(zip);
  let written = 0;
  try {
    for await (const entry of archive.eachEntry()) {
      const relativePath = place(entry.fileName);
      if (relativePath === null) continue;
      const path = join(folder, relativePath);
      if (entry.fileName.endsWith('/')) {
        await mkdir(path, { recursive: true });
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      const mode = entry.externalFileAttributes >>> 16;
      const content = await archive.openReadStreamPromise(entry);
      if ((mode & fileTypeMask) === symbolicLink) {
        const target = await text(content);
        refuseEscape(folder, path, target);
        await symlink(target, path);
      } else {
        await pipeline(
          content,
          createWriteStream(path, { mode: (mode & 0o777) === 0 ? 0o644 : (mode & 0o777) | 0o600 }),
        );
      }
      written += 1;
    }
  } finally {
    archive.close();
  }
  return written;
}

/**
 * @param {string} tarball a .tar.gz
 * @param {string} folder must exist
 * @param {(name: string) => string | null} [place] as for `unzip`
 * @returns {Promise<number>} how many members were written
 */
export async function untar(tarball, folder, place = (name) => name) {
  const tar = await import('tar');
  let written = 0;
  await tar.extract({
    file: tarball,
    cwd: folder,
    strict: true,
    filter: (name) => place(name) !== null,
    onReadEntry: (entry) => {
      entry.path = place(entry.path) ?? entry.path;
      written += 1;
    },
  });
  return written;
}

/**
 * @param {string} file
 * @returns {Promise<void>}
 */
export async function makeExecutable(file) {
  await chmod(file, 0o755);
}

/**
 * @param {string} folder
 * @param {string} link
 * @param {string} target
 */
function refuseEscape(folder, link, target) {
  const inside = relative(folder, normalize(join(dirname(link), target)));
  if (isAbsolute(target) || inside.startsWith('..')) throw new Error(`the link ${link} leads out of its archive`);
}
