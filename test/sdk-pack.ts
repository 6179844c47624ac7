/** The SDK as its users get it: compiled, packed by npm, and unpacked into a project that has nothing else of ours. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

export type Packed = {
  /** The `.tgz` as it would be published. */
  tarball: Buffer;
  /** The paths in it, without the leading `package/`. */
  files: string[];
  /** What would be packed if its package.json were changed like this. */
  packedWith(changes: object): Promise<Buffer>;
  /** A folder where `@cryptoscan/sdk` can be imported, and the given packages of the repository beside it. */
  project: string;
  close(): Promise<void>;
};

/** Compiles afresh, so that what is tested is the source and never an old build. */
export async function packSdk(beside: readonly string[] = []): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'cryptoscan-sdk-'));
  const [stage, project] = [join(folder, 'stage'), join(folder, 'project')];
  const installed = join(project, 'node_modules/@cryptoscan/sdk');
  await mkdir(installed, { recursive: true });
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
  for (const name of ['package.json', 'README.md', 'LICENSE', 'examples'])
    await cp(join(root, 'sdk', name), join(stage, name), { recursive: true });
  const whole = ['--composite', 'false', '--incremental', 'false'];
  await run(process.execPath, [tsc, '-p', join(root, 'sdk'), '--outDir', join(stage, 'dist'), ...whole]);
  const { file, files } = await pack(stage);
  await run('tar', ['-xzf', file, '-C', installed, '--strip-components=1']);
  for (const name of beside) {
    const link = join(project, 'node_modules', name);
    await mkdir(join(link, '..'), { recursive: true });
    await symlink(join(root, 'node_modules', name), link);
  }
  return {
    tarball: await readFile(file),
    files,
    packedWith: async changes => {
      const other = join(folder, `stage-${Object.keys(changes).join('-')}`);
      await cp(stage, other, { recursive: true });
      const manifest = JSON.parse(await readFile(join(other, 'package.json'), 'utf8'));
      await writeFile(join(other, 'package.json'), JSON.stringify({ ...manifest, ...changes }));
      return readFile((await pack(other)).file);
    },
    project,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function pack(stage: string): Promise<{ file: string; files: string[] }> {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json'], { cwd: stage });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  if (!packed) throw new Error(`npm pack answered ${stdout}`);
  return { file: join(stage, packed.filename), files: packed.files.map(({ path }) => path).sort() };
}

/** Type-checks files as a strict project of a user would, with the given options of tsc; answers the faults. */
export async function typeCheck(
  folder: string,
  files: readonly string[],
  options: readonly string[],
): Promise<string> {
  const strict =
    '--noEmit --strict --module nodenext --target es2023 --allowImportingTsExtensions --exactOptionalPropertyTypes --noUncheckedIndexedAccess';
  return run(process.execPath, [tsc, ...strict.split(' '), ...options, ...files], { cwd: folder }).then(
    () => '',
    error => `${error.stdout}${error.stderr}`,
  );
}
