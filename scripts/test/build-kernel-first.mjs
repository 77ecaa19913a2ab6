/** Vitest's global set-up: tests import the compiled kernel, which is not in the repository. */
import { buildKernel } from '../build-kernel.mjs';

export async function setup() {
  await buildKernel();
}
