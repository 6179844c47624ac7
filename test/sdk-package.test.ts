/** The package as it would be published: what is in it, that its types resolve everywhere, and that it needs no Node. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Packed, packSdk, typeCheck } from './sdk-pack.ts';

const run = promisify(execFile);
let packed: Packed;

beforeAll(async () => {
  packed = await packSdk(['@types/node', 'undici-types', 'fastify', 'express', '@types/express', 'hono']);
});

afterAll(() => packed?.close());

const installed = (path = '') => join(packed.project, 'node_modules/@cryptoscan/sdk', path);

test('it holds the code, its types, the examples and the papers, and nothing else', () => {
  const odd = packed.files.filter(file => !/^(dist\/[a-z-]+\.(js|d\.ts)|examples\/.+\.(ts|php))$/.test(file));
  expect(odd).toEqual(['LICENSE', 'README.md', 'package.json']);
  expect(packed.files).toContain('dist/index.js');
  expect(packed.files).toContain('dist/index.d.ts');
  expect(packed.files.filter(file => file.includes('test.'))).toEqual([]);
});

test('it has no dependencies', async () => {
  const manifest = JSON.parse(await readFile(installed('package.json'), 'utf8'));
  const kinds = ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies'];
  expect(kinds.filter(kind => kind in manifest)).toEqual([]);
});

async function lint(tarball: Uint8Array): Promise<string[]> {
  const { messages } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
  return messages.map(({ code }) => code);
}

test('publint has nothing to say', async () => {
  expect(await lint(packed.tarball)).toEqual([]);
});

/** Faults by kind and by the way of importing that has them. */
async function typeFaults(tarball: Uint8Array): Promise<string[]> {
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (!checked.types) throw new Error('the package has no types');
  return checked.problems.map(problem =>
    'resolutionKind' in problem ? `${problem.kind} ${problem.resolutionKind}` : problem.kind,
  );
}

test('the types are right for every way of importing it; CommonJS gets the ES module', async () => {
  expect((await typeFaults(packed.tarball)).sort()).toEqual([
    // `require` of an ES module works from Node 20.19 on, which `engines` demands.
    'CJSResolvesToESM node16-cjs',
    // Resolution as before Node 12 knows no `exports`.
    'NoResolution node10',
  ]);
});

test('faults of the package would be seen', async () => {
  const unexported = await packed.packedWith({
    exports: { '.': { types: './dist/index.d.ts', default: './src/index.js' } },
  });
  expect(await lint(unexported)).toContain('FILE_DOES_NOT_EXIST');
  expect(await typeFaults(await packed.packedWith({ type: 'commonjs' }))).toContain('UnexpectedModuleSyntax');
});

test('CommonJS can require it', async () => {
  const code = `const { CryptoScan } = require('@cryptoscan/sdk'); process.stdout.write(typeof CryptoScan)`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=commonjs', '--eval', code], {
    cwd: packed.project,
  });
  expect([stdout, stderr]).toEqual(['function', '']);
});

test('no file of it names anything of Node', async () => {
  const names = (await readdir(installed('dist'))).filter(name => name.endsWith('.js'));
  expect(names).toContain('client.js');
  for (const name of names) {
    const code = (await readFile(installed(`dist/${name}`), 'utf8')).replace(/\/\*[\s\S]*?\*\/|\/\/ .*/g, '');
    expect(`${name}: ${code}`).not.toMatch(
      /\bnode:|\b(process|Buffer|require|global|__dirname|setImmediate)\b/,
    );
    for (const [, from] of code.matchAll(/\bfrom '([^']+)'/g)) expect(from).toMatch(/^\.\/[a-z-]+\.js$/);
  }
});

/** Runs where only what browsers, Workers, Bun and Deno share is left; prints what came of it. */
const withoutNode = `
// Node loads these at their first use, which needs the rest of Node.
new Headers();
const print = globalThis.process.stdout.write.bind(globalThis.process.stdout);
const shared = new Set(['fetch', 'Headers', 'URL', 'URLSearchParams', 'crypto', 'TextEncoder',
  'TextDecoder', 'AbortController', 'AbortSignal', 'ReadableStream', 'atob', 'btoa', 'setTimeout', 'clearTimeout']);
const builtIn = new Set(['Object', 'Function', 'Array', 'Number', 'Boolean', 'String', 'Symbol', 'Promise', 'JSON',
  'Math', 'Date', 'RegExp', 'Map', 'Set', 'WeakMap', 'WeakSet', 'Proxy', 'Reflect', 'BigInt', 'globalThis', 'undefined',
  'NaN', 'Infinity', 'encodeURIComponent', 'ArrayBuffer', 'Uint8Array', 'Error', 'TypeError', 'AggregateError', 'WebAssembly']);
for (const name of Object.getOwnPropertyNames(globalThis))
  if (!shared.has(name) && !builtIn.has(name)) delete globalThis[name];
const { CryptoScan, signTestWebhook, verifyWebhook } = await import('@cryptoscan/sdk');
const found = [];
for (const auth of ['signature', 'signature-v2', 'private-key']) {
  const fetch = async (url, { headers }) => {
    found.push(url, ...Object.keys(headers));
    // Not a Response: that of Node needs the rest of Node.
    const bytes = new TextEncoder().encode('{"success":true,"data":{"id":"1"}}');
    const body = new ReadableStream({ start: stream => (stream.enqueue(bytes), stream.close()) });
    return { ok: true, status: 200, headers: new Headers(), body };
  };
  const client = new CryptoScan({ baseUrl: 'https://pay.example', publicKey: 'p', privateKey: 'k', auth, fetch });
  found.push((await client.createInvoice({ amount: '1', client_reference_id: 'a' })).id);
}
const keys = { publicKey: 'p', privateKey: 'k', webhookSecret: 'whsec_AAAA' };
const data = { id: 1, wallet: null, cryptocurrency: null, network: null, final_amount: '1', requested_amount: '1',
  status: 'expired', client_reference_id: 'a', metadata: null, created_at: 1, expire_at: 2 };
const { headers, body } = await signTestWebhook({ event_type: 'expired', retry_count: 0, data }, keys);
found.push((await verifyWebhook(body, headers, keys)).ok, typeof process, typeof Buffer);
print(JSON.stringify(found));
`;

test('it runs where there is nothing of Node', async () => {
  const file = join(packed.project, 'without-node.mjs');
  await writeFile(file, withoutNode);
  const { stdout } = await run(process.execPath, [file], { cwd: packed.project });
  const common = ['https://pay.example/api/v1/invoice', 'accept', 'content-type', 'public-key'];
  expect(JSON.parse(stdout)).toEqual([
    ...[...common, 'signature', '1'],
    ...[...common, 'signature-v2', '1'],
    ...[...common, 'private-key', '1'],
    ...[true, 'undefined', 'undefined'],
  ]);
});

/** Of the declarations around ours not all are sound in every setting. */
const withNode = ['--lib', 'es2023', '--types', 'node', '--skipLibCheck'];
const browserTypes = ['--lib', 'es2023,dom'];

test('the examples and every snippet of the README are sound in a strict project', async () => {
  const readme = await readFile(installed('README.md'), 'utf8');
  const snippets = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
  expect(snippets.length).toBeGreaterThan(3);
  const files: string[] = [];
  for (const [n, code] of snippets.entries()) {
    files.push(`snippet-${n + 1}.ts`);
    await writeFile(join(packed.project, `snippet-${n + 1}.ts`), `${code}\nexport {};\n`);
  }
  const examples = packed.files.filter(file => /^examples\/.*\.ts$/.test(file));
  expect(examples).toHaveLength(6);
  expect(await typeCheck(packed.project, [...files, ...examples.map(installed)], withNode)).toBe('');
});

test('a snippet with a fault would be seen', async () => {
  const file = 'faulty.ts';
  await writeFile(
    join(packed.project, file),
    `import { CryptoScan } from '@cryptoscan/sdk';\nnew CryptoScan({});\n`,
  );
  expect(await typeCheck(packed.project, [file], browserTypes)).toContain('baseUrl');
});

test('its types are whole where there are none of Node', async () => {
  await writeFile(join(packed.project, 'plain.ts'), `export * from '@cryptoscan/sdk';\n`);
  expect(await typeCheck(packed.project, ['plain.ts'], browserTypes)).toBe('');
});

test('every example named in the README is in the package', async () => {
  const readme = await readFile(installed('README.md'), 'utf8');
  const named = new Set([...readme.matchAll(/\bexamples\/[\w/.-]+\.(?:ts|php)/g)].map(([path]) => path));
  expect([...named].sort()).toEqual(packed.files.filter(file => file.startsWith('examples/')));
});
