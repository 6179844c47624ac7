/** What a merchant sets about its page, as browsers get it: who may frame it, its logo, its language, the shops' script. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MerchantChanges } from '../../server/src/commands/update-merchant.ts';
import { updateMerchant } from '../../server/src/commands/update-merchant.ts';
import { clientOf, openShop, type Shop } from '../gateway.ts';
import { submit, type Visit, view, visitOf } from './payment-page-visit.ts';
import { closeWorld, openWorld, type World } from './webhook-world.ts';
import { send } from './wire.ts';

const origins = ['https://shop.example', 'http://localhost:3000'];
const fixture = (name: string) =>
  readFileSync(new URL(`../../server/src/lib/image/fixtures/${name}`, import.meta.url));

let world: World;
let shop: Shop;
let visit: Visit;

beforeAll(async () => {
  world = await openWorld();
  shop = await openShop(world.ground, { settings: { pageOrigins: origins, name: 'Shop' } });
  const created = await clientOf(world.gateway, shop).createWidget({
    amount: '25',
    client_reference_id: 'settings',
  });
  visit = visitOf(created);
});

afterAll(() => closeWorld(world));

const at = (path: string): Visit => ({ ...visit, path });

async function change(changes: MerchantChanges) {
  const changed = await updateMerchant({ ...world.ground, allow: [] }, shop.id, changes);
  if (!changed.ok) throw new Error(JSON.stringify(changed.fault));
}

const policyOf = ({ headers }: { headers: Record<string, string | undefined> }) =>
  headers['content-security-policy']?.split('; ') ?? [];

describe('a page that may be framed', () => {
  test('names the merchant’s origins, and gives up nothing else of its policy', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await view(visit, { method });
      expect(policyOf(answer).at(-1)).toBe(`frame-ancestors ${origins.join(' ')}`);
      expect(policyOf(answer)).toHaveLength(8);
      expect(policyOf(answer)).toContain("script-src 'self'");
      expect(answer.headers['x-frame-options']).toBeUndefined();
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
  });

  test('is the page alone: all else stays sealed', async () => {
    const script = /<script type="module" src="\.(\/assets\/[^"]+)"/.exec((await view(visit)).text)?.[1];
    for (const answer of [
      await view(visit, { below: '/main' }),
      await view(visit, { below: '/other' }),
      await submit(visit, 'method', { headers: { 'sec-fetch-site': 'cross-site' } }),
      await view(at(`/payment${script}`)),
      await view(at('/payment/00000000-0000-4000-8000-000000000000')),
    ]) {
      expect(policyOf(answer).at(-1)).toBe("frame-ancestors 'none'");
      expect(answer.headers['x-frame-options']).toBe('DENY');
    }
  });

  test('tells its script the origins, and a page nobody may frame has no such script', async () => {
    const { text } = await view(visit);
    expect(text).toContain(` data-parents="${origins.join(' ')}"`);
    expect([...text.matchAll(/<script/g)]).toHaveLength(2);
    await change({ pageOrigins: [] });
    const sealed = await view(visit);
    expect(policyOf(sealed).at(-1)).toBe("frame-ancestors 'none'");
    expect(sealed.headers['x-frame-options']).toBe('DENY');
    expect(sealed.text).not.toContain('data-parents');
    expect([...sealed.text.matchAll(/<script/g)]).toHaveLength(1);
    await change({ pageOrigins: origins });
  });
});

describe('the logo', () => {
  const logoOf = async () =>
    /<img class="logo" src="\.\/(logos\/[0-9a-f]{64})"/.exec((await view(visit)).text)?.[1];

  test.each([
    ['photo.jpg', 'image/jpeg'],
    ['alpha.webp', 'image/webp'],
    ['canvas.png', 'image/png'],
  ])('%s is shown, from this host, as what it is and no more', async (name, type) => {
    await change({ logo: fixture(name) });
    const path = await logoOf();
    const answer = await view(at(`/payment/${path}`));
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    });
    expect((await view(at(`/payment/${path}`), { method: 'HEAD' })).status).toBe(200);
    expect((await view(at(`/payment/${path}`), { method: 'POST' })).status).toBe(405);
  });

  test('can be taken away, and names nobody has are no pictures', async () => {
    const path = await logoOf();
    await change({ logo: null });
    expect(await logoOf()).toBeUndefined();
    for (const name of [path, 'logos/x', `logos/${'0'.repeat(64)}`, `logos/${'A'.repeat(64)}`, "logos/'"])
      expect([name, (await view(at(`/payment/${name}`))).status]).toEqual([name, 404]);
  });
});

test('the language is the merchant’s where the payer asks for none there is', async () => {
  await change({ language: 'de-DE' });
  const langOf = async (headers: Record<string, string>, below = '') =>
    /<html lang="([^"]+)"/.exec((await view(visit, { headers, below })).text)?.[1];
  expect(await langOf({})).toBe('de-DE');
  expect(await langOf({ 'accept-language': 'ja' })).toBe('de-DE');
  expect(await langOf({ 'accept-language': 'fr' })).toBe('fr-FR');
  expect(await langOf({ 'accept-language': 'fr' }, '?lang=es-ES')).toBe('es-ES');
});

test('the script for shops is at one address, and asked for anew after a while', async () => {
  const ask = (headers: Record<string, string> = {}) => send(visit.port, { path: '/embed.js', headers });
  const answer = await ask();
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=600',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  });
  expect(answer.text).not.toMatch(/^\s*(import|export)\b/m);
  const again = await ask({ 'if-none-match': answer.headers.etag! });
  expect([again.status, again.text]).toEqual([304, '']);
});
