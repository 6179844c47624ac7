/**
 * A loader hook, given to Node before any other: the files named in MUTANT are read with a bug in them. Nothing on disk
 * changes, and a patch that does not fit exactly once ends the process.
 */
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const root = new URL('../../', import.meta.url);
const { name, patches } = JSON.parse(process.env.MUTANT ?? '{}');

if (isMainThread) register(import.meta.url);

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  const [plain = url] = url.split('?');
  const mine = patches.filter(({ file }) => new URL(file, root).href === plain);
  if (mine.length === 0) return next(url, context);
  let source = await readFile(fileURLToPath(plain), 'utf8');
  for (const { file, find, replace } of mine) {
    const parts = source.split(find);
    if (parts.length !== 2)
      throw new Error(`mutant ${name}: found ${parts.length - 1} times in ${file}: ${find}`);
    source = parts.join(replace);
  }
  // The run proves by this that it met the bug and not the file as it is.
  source += `\n;(globalThis.mutated ??= []).push(${JSON.stringify(pathToFileURL(fileURLToPath(plain)).href)});\n`;
  return { format: 'module', source, shortCircuit: true };
}
