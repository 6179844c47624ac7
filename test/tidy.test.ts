/**
 * The house rules, as tests: floors import downwards only, a chain folder is opened by the registry alone, the
 * environment has one reader, a file is a page.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'server/src');

/** Lowest first. Folders of one floor do not know each other, unless a floor is one folder. */
const floors: string[][] = [
  ['lib'],
  ['domain'],
  ['store', 'chains', 'rates'],
  ['commands', 'flow', 'dev'],
  ['http', 'cli'],
];

type Import = { from: string; to: string };

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === 'fixtures' || entry.name === 'node_modules' || entry.name === 'dist'
        ? []
        : files(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

const sources = files(source).filter(file => !file.endsWith('.test.ts'));

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export)\s[^'"]*?from '(\.[^']+)'/gms)].map(([, path]) => ({
    from: relative(source, file),
    to: relative(source, resolve(dirname(file), path ?? '')),
  }));
}

const imports = sources.flatMap(importsOf);
const folderOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : file);
const floorOf = (folder: string) => floors.findIndex(floor => floor.includes(folder));

describe('floors', () => {
  it('every folder has its floor', () => {
    const folders = new Set(
      sources.map(file => folderOf(relative(source, file))).filter(name => !name.endsWith('.ts')),
    );
    expect([...folders].sort()).toEqual(floors.flat().sort());
  });

  it('a file imports from its own folder and from floors below', () => {
    expect(imports.filter(climbs)).toEqual([]);
  });

  it('a planted fault is seen', () => {
    const planted = (from: string, to: string) => climbs({ from, to });
    expect(planted('domain/money.ts', 'store/db.ts')).toBe(true);
    expect(planted('store/db.ts', 'chains/chain.ts')).toBe(true);
    expect(planted('flow/watch.ts', 'commands/create-invoice.ts')).toBe(true);
    expect(planted('lib/group.ts', 'config.ts')).toBe(true);
    expect(planted('flow/watch.ts', 'store/cursors.ts')).toBe(false);
  });
});

/** Whether an import goes to a floor that is not below. main.ts sees all; the command line reads the configuration. */
function climbs({ from, to }: Import): boolean {
  const [above, below] = [folderOf(from), folderOf(to)];
  if (above === below || above === 'main.ts') return false;
  if (below === 'config.ts') return above !== 'cli';
  if (below === 'main.ts') return true;
  if (above === 'config.ts') return floorOf(below) > floorOf('chains');
  return floorOf(below) >= floorOf(above);
}

describe('sealed folders', () => {
  it('a chain family is imported by the registry alone', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        /^chains\/(evm|tron)\//.test(to) && dirname(from) !== dirname(to) && from !== 'chains/registry.ts',
    );
    expect(wrong).toEqual([]);
  });

  it('the local chains and the demo shop are reached by the command line alone', () => {
    const wrong = imports.filter(({ from, to }) => to.startsWith('dev/') && !/^(dev|cli)\//.test(from));
    expect(wrong).toEqual([]);
  });

  it('test mode is opened by `dev` alone, and nothing else moves a deadline', () => {
    const importers = (of: string) => imports.filter(({ to }) => to === of).map(({ from }) => from);
    expect(importers('dev/simulate-payment.ts')).toEqual(['cli/dev.ts']);
    expect(importers('store/dev-deadline.ts')).toEqual(['dev/simulate-payment.ts']);
  });

  it('nothing that could sign a transfer is a dependency', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'server/package.json'), 'utf8'));
    const signers = /viem|ethers|tronweb|web3|bitcoinjs|secp256k1|noble\/curves|bip32|bip39|keyring|wallet/i;
    const wrong = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).filter(name =>
      signers.test(name),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the lock file', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };

  it('has the packages of every platform, without which `npm ci` refuses it', () => {
    const wanted = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).map(name => ({ path, name })),
    );
    const missing = wanted.filter(
      ({ path, name }) =>
        !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
    );
    expect(missing).toEqual([]);
  });
});

describe('one reader, one clock, one page', () => {
  const texts = sources.map(file => ({ name: relative(source, file), text: readFileSync(file, 'utf8') }));

  it('the environment is read in config.ts, and handed on to the processes we start', () => {
    const readers = texts.filter(({ text }) => text.includes('process.env')).map(({ name }) => name);
    expect(readers.filter(name => name !== 'config.ts' && !name.startsWith('store/embedded/'))).toEqual([]);
  });

  it('domain, commands and flow read no clock and no chance of their own', () => {
    const wrong = texts
      .filter(({ name }) => /^(domain|commands|flow|store\/[^e])/.test(name) && name !== 'store/db-clock.ts')
      .filter(({ text }) =>
        /Date\.now\(|Math\.random\(|new Date\(\)|performance\.now\(|from 'node:crypto'.*random/.test(text),
      )
      .map(({ name }) => name);
    expect(wrong).toEqual([]);
  });

  it('SQL is in the store alone', () => {
    const wrong = texts
      .filter(({ name }) => !name.startsWith('store/'))
      .filter(({ text }) => /\.(selectFrom|insertInto|updateTable|deleteFrom)\(|\bsql(<|`)/.test(text))
      .map(({ name }) => name);
    expect(wrong).toEqual([]);
  });

  it('SQL never reads the clock of the server', () => {
    const wrong = texts
      .filter(({ name }) => /^store\/[^/]+$|^store\/migrations/.test(name) && name !== 'store/db-clock.ts')
      .filter(({ text }) =>
        /\bnow\(\)|current_timestamp|clock_timestamp|statement_timestamp/i.test(
          text.replace(/clock\.now\(\)|deps\.clock\.now\(\)/g, ''),
        ),
      )
      .map(({ name }) => name);
    expect(wrong).toEqual([]);
  });

  it('money is never a float', () => {
    const wrong = texts
      .filter(({ name }) => name.startsWith('domain/'))
      .filter(({ text }) => /parseFloat|Number\.parseFloat|toFixed\(/.test(text))
      .map(({ name }) => name);
    expect(wrong).toEqual([]);
  });

  it('a file has at most 300 lines', () => {
    const all = [...sources, ...files(join(root, 'sdk/src')), ...files(join(root, 'test'))].filter(
      file => !file.endsWith('.test.ts'),
    );
    const long = all
      .map(file => ({ name: relative(root, file), lines: readFileSync(file, 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 301);
    expect(long).toEqual([]);
  });
});
