/** The code samples of the description, run as they are against a gateway, in the languages this machine has. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../server/src/http/openapi/document.ts';
import { type Ground, openGateway, openGround, openShop, type Shop, type TestGateway } from '../gateway.ts';
import { watchFake } from './fake-watch.ts';
import type { Document } from './openapi-validator.ts';

const document = openApiDocument() as unknown as Document;

let ground: Ground;
let gateway: TestGateway;

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await watchFake(ground, 'TRC-20');
});

afterAll(async () => {
  await gateway?.stop();
  await ground?.close();
});

type Language = { label: string; program: string; args: string[]; probe: string; auth: Shop['auth'] };

const languages: Language[] = [
  { label: 'curl', program: 'sh', args: ['-c'], probe: 'curl --version', auth: 'private-key' },
  { label: 'PHP', program: 'php', args: ['-r'], probe: 'json_encode(1);', auth: 'signature' },
  {
    label: 'Node.js',
    program: process.execPath,
    args: ['--input-type=module', '-e'],
    probe: '',
    auth: 'signature',
  },
  { label: 'Python', program: 'python3', args: ['-c'], probe: 'import urllib', auth: 'signature' },
];

describe.each(languages)('$label', ({ label, program, args, probe, auth }) => {
  const isHere = spawnSync(program, [...args, probe]).status === 0;

  async function run(shop: Shop, method: string, path: string): Promise<string> {
    const sample = document.paths[path]![method]!['x-codeSamples']!.find(one => one.label === label)!;
    const source = sample.source
      .replaceAll('https://pay.example.com', gateway.baseUrl)
      .replace(/^<\?php/, '');
    const env = { ...process.env, PUBLIC_KEY: shop.publicKey, PRIVATE_KEY: shop.privateKey };
    return (await promisify(execFile)(program, [...args, source], { env, timeout: 30_000 })).stdout;
  }

  test.skipIf(!isHere)('creates, finds and asks for the user', async () => {
    const shop = await openShop(ground, { settings: { auth } });
    expect(await run(shop, 'post', '/invoice')).toContain(shop.wallets['TRC-20']);
    expect(await run(shop, 'get', '/invoice')).toContain('125.50000000');
    expect(await run(shop, 'get', '/user')).toContain('Active');
  });
});
