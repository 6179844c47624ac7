/** An address that was changed in the database stands in no answer of the dashboard, whoever asks and in whatever form. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Invoice } from '../../server/src/domain/invoice.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { makeInvoice, makeShop, makeWorld, methodOf, type World } from '../factories.ts';
import { type Ground, openGround } from '../gateway.ts';
import { type Browser, type Dashboard, openDashboard, signedIn, somebody } from './dashboard-world.ts';

/** Somebody else's, in 20 bytes of hex. */
const THIEF = `0x${'bad0'.repeat(10)}`;

let ground: Ground;
let dashboard: Dashboard;
let world: World;
let owner: Browser;
let base: string;
let shop: string;
let forged: Invoice;
let right: Invoice;

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  dashboard = await openDashboard(ground);
  world = { ...makeWorld(ground.db), vault: ground.vault };
  world.clock.time = ground.clock.now();
  const { email, userId } = await somebody(dashboard.deps);
  owner = await signedIn(dashboard, email);
  base = `/users/${userId}`;
  const { merchant } = await makeShop(world, { merchant: { userId }, wallet: { network: 'ERC-20' } });
  shop = `${base}/merchants/${merchant.id}`;
  forged = await makeInvoice(world, merchant, { network: 'ERC-20' });
  right = await makeInvoice(world, merchant, { network: 'ERC-20' });
  await sql`update invoices set address = ${THIEF}, address_key = ${THIEF} where id = ${forged.id}`.execute(
    ground.db,
  );
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

test('all that is stored of its invoice stands there without it', async () => {
  const { text, body } = await owner.get(`${base}/invoices/${forged.id}/raw`);
  expect(text.toLowerCase()).not.toContain(THIEF);
  expect(body.invoices).toMatchObject([{ id: forged.id, address: null, address_key: null }]);
  const { body: other } = await owner.get(`${base}/invoices/${right.id}/raw`);
  const { address, addressKey } = methodOf(right);
  expect(other.invoices).toMatchObject([{ address, address_key: addressKey }]);
  expect(other.reservations).toMatchObject([{ address_key: addressKey }]);
});

test('files have no address of its invoice, and those of the others', async () => {
  const json = await owner.get(`${base}/invoices/export?format=json`);
  const wallets = (json.body as { id: number; wallet: string | null }[]).map(({ id, wallet }) => [
    id,
    wallet,
  ]);
  expect(wallets).toEqual([
    [right.id, methodOf(right).address],
    [forged.id, null],
  ]);
  const csv = await owner.get(`${base}/invoices/export?format=csv`);
  expect(csv.text.toLowerCase()).not.toContain(THIEF);
  expect(csv.text).toContain(methodOf(right).address);
});

test('its wallet is marked, and stands there without it', async () => {
  expect((await owner.get(`${shop}/wallets`)).body.wallets).toMatchObject([
    { forged: false, address: methodOf(right).address },
  ]);
  await sql`update wallets set address = ${THIEF}, address_key = ${THIEF}`.execute(ground.db);
  const { body, text } = await owner.get(`${shop}/wallets`);
  expect(body.wallets).toMatchObject([{ forged: true, address: null }]);
  expect(text.toLowerCase()).not.toContain(THIEF);
});
