/**
 * Compiles the BSON kernel (electron/archive/kernel/assembly, AssemblyScript) to WebAssembly and writes it as a base64
 * constant, so that bundles, workers and tests need no file beside them. Does nothing when sources and compiler are
 * unchanged.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const sourceFolder = path.join(root, 'electron', 'archive', 'kernel', 'assembly');
const outputFile = path.join(root, 'electron', 'archive', 'kernel', 'kernel.generated.ts');

const options = ['--runtime', 'stub', '--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'];
const features = ['--enable', 'simd', '--enable', 'bulk-memory', '--initialMemory', '64', '--use', 'abort='];

/** @returns {Promise<{ built: boolean; bytes: number }>} */
export async function buildKernel() {
  const names = (await readdir(sourceFolder)).filter((name) => name.endsWith('.ts')).sort();
  /** @type {Map<string, string>} */
  const sources = new Map();
  const hash = createHash('sha256');
  const compilerManifest = path.join(root, 'node_modules', 'assemblyscript', 'package.json');
  hash.update(JSON.parse(await readFile(compilerManifest, 'utf8')).version);
  hash.update(JSON.stringify([options, features]));
  for (const name of names) {
    const text = await readFile(path.join(sourceFolder, name), 'utf8');
    sources.set(name, text);
    hash.update(`${name}\0${text}\0`);
  }
  const sourceHash = hash.digest('hex');
  const present = await readFile(outputFile, 'utf8').catch(() => '');
  if (present.includes(`'${sourceHash}'`)) return { built: false, bytes: present.length };

  const { default: asc } = await import('assemblyscript/asc');
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await asc.main(
    ['index.ts', '--outFile', 'kernel.wasm', '--baseDir', '.', ...options, ...features],
    {
      readFile: (name) => sources.get(name.replace(/^\.\//, '')) ?? null,
      writeFile: (name, contents) => {
        if (name === 'kernel.wasm' && typeof contents !== 'string') binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(`The BSON kernel does not compile.\n${stderr.toString()}`);
  const text = [
    '// Made by scripts/build-kernel.mjs from kernel/assembly; not edited by hand, not committed.',
    `export const kernelSourceHash = '${sourceHash}';`,
    `export const kernelBase64 =\n  '${Buffer.from(binary).toString('base64')}';`,
    '',
  ].join('\n');
  await mkdir(path.dirname(outputFile), { recursive: true });
  const temporary = `${outputFile}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, outputFile);
  return { built: true, bytes: binary.length };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { built, bytes } = await buildKernel();
  console.log(built ? `kernel built, ${bytes} bytes` : 'kernel up to date');
}
