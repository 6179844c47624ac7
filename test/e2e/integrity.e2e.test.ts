/** Addresses changed behind the back of a running server, with SQL: shown to nobody, paid to by nobody, and told of. */

import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkWallets } from '../../server/src/flow/check-wallets.ts';
import { findForgedWallets } from '../../server/src/store/invariants.ts';
import { clientOf, openShop, type Shop } from '../gateway.ts';
import { payFake } from './fake-watch.ts';
import { screenOf, view, visitOf } from './payment-page-visit.ts';
import { closeWorld, create, openWorld, patience, type World } from './webhook-world.ts';

/** Somebody else's, in 20 bytes of hex. */
const THIEF = `0x${'bad0'.repeat(10)}`;

let world: World;
let shop: Shop;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => closeWorld(world));

beforeEach(async () => {
  shop = await openShop(world.ground);
});

const run = (text: string) => sql.raw(text).execute(world.ground.db);
const swapInvoice = ({ id }: { id: string }) =>
  run(`update invoices set address = '${THIEF}', address_key = '${THIEF}' where id = ${id}`);
const swapWallet = (network = 'ERC-20') =>
  run(`update wallets set address = '${THIEF}', address_key = '${THIEF}'
        where merchant_id = ${shop.id} and network = '${network}'`);
const swapHolds = () =>
  run(`update reservations r set address_key = '${THIEF}' from invoices i
        where i.id = r.invoice_id and i.merchant_id = ${shop.id} and r.network = 'ERC-20'`);
const becomes = (invoice: { id: string }, status: string) =>
  expect.poll(() => clientOf(world.gateway, shop).invoice(invoice.id), patience).toMatchObject({ status });

async function widget() {
  const fields = { amount: '15', client_reference_id: `page of ${shop.id}` };
  const made = await clientOf(world.gateway, shop).createWidget(fields);
  const visit = visitOf(made);
  await run(`update invoices i set status = 'new', network = w.network, asset = w.asset, wallet_id = w.id, address = w.address,
      address_key = w.address_key, final_units = 15001000, final_decimals = 6, method_at = i.created_at
    from wallets w where w.merchant_id = i.merchant_id and w.network = 'ERC-20' and i.id = ${made.id}`);
  return { ...made, visit };
}

describe('the address of an open invoice that was changed', () => {
  test('is in no answer of the API', async () => {
    const invoice = await create(world, shop);
    await swapInvoice(invoice);
    const client = clientOf(world.gateway, shop);
    expect((await client.invoice(invoice.id)).wallet).toBeNull();
    const found = await client.searchInvoices(invoice.id);
    expect(found.map(({ wallet }) => wallet)).toEqual([null]);
    expect(JSON.stringify(found)).not.toContain(THIEF);
  });

  test('is on no page: its payer is told that there is nothing to pay now', async () => {
    const { id, visit } = await widget();
    expect((await view(visit)).text).toContain(shop.wallets['ERC-20']);
    await swapInvoice({ id });
    const page = await view(visit);
    expect([page.status, screenOf(page)]).toEqual([200, 'choose']);
    expect(page.text).toContain('You cannot pay right now');
    expect(page.text).not.toContain(THIEF);
    expect(page.text).not.toContain('name="method"');
  });

  test('is not watched, and money there settles nothing, also when wallet and hold were changed alike', async () => {
    const invoice = await create(world, shop);
    await swapInvoice(invoice);
    await swapWallet();
    await swapHolds();
    const { id } = payFake(world.chains['ERC-20'], { address: THIEF }, invoice);
    await world.chains['ERC-20'].read();
    const genuine = await openShop(world.ground);
    const other = await create(world, genuine);
    payFake(world.chains['ERC-20'], genuine, other);
    await world.chains['ERC-20'].read();
    await expect
      .poll(() => clientOf(world.gateway, genuine).invoice(other.id), patience)
      .toMatchObject({ status: 'completed' });
    const ours = await clientOf(world.gateway, shop).invoice(invoice.id);
    expect(ours.status).toBe('new');
    const { rows } = await sql<{ state: string }>`
      select p.state from payments p join transfers t on t.id = p.transfer_id where t.tx_id = ${id}`.execute(
      world.ground.db,
    );
    expect(rows.filter(({ state }) => state === 'settled')).toEqual([]);
  });
});

describe('a wallet that was changed', () => {
  test('takes no new invoices; its other networks and other shops do', async () => {
    await swapWallet();
    await expect(create(world, shop)).rejects.toMatchObject({ status: 503 });
    expect((await create(world, shop, { network: 'TRC-20' })).wallet).toBe(shop.wallets['TRC-20']);
    const other = await openShop(world.ground);
    expect((await create(world, other)).wallet).toBe(other.wallets['ERC-20']);
  });

  test('leaves its open invoices with the address they were given: shown, watched and settled', async () => {
    const { id, visit, ...made } = await widget();
    const invoice = await create(world, shop);
    await swapWallet();
    expect((await view(visit)).text).toContain(shop.wallets['ERC-20']);
    payFake(world.chains['ERC-20'], shop, invoice);
    await world.chains['ERC-20'].read();
    await becomes(invoice, 'completed');
    expect(made.widget_url).toContain('/payment/');
  });

  test('whose MAC is gone settles nothing until it is as it was', async () => {
    const invoice = await create(world, shop);
    const [wallet] = await world.ground.db
      .selectFrom('wallets')
      .select(['id', 'mac'])
      .where('merchant_id', '=', shop.id)
      .where('network', '=', 'ERC-20')
      .execute();
    payFake(world.chains['ERC-20'], shop, invoice);
    await world.chains['ERC-20'].read();
    await becomes(invoice, 'completed');
    const second = await create(world, shop);
    await world.ground.db
      .updateTable('wallets')
      .set({ mac: Buffer.alloc(32) })
      .where('id', '=', wallet!.id)
      .execute();
    payFake(world.chains['ERC-20'], shop, second);
    await world.chains['ERC-20'].read();
    const confirming = async () =>
      (
        await sql<{ status: string }>`select status from invoices where id = ${second.id}`.execute(
          world.ground.db,
        )
      ).rows[0]?.status;
    await expect.poll(confirming, patience).toBe('confirming');
    const { rows } = await sql<{
      state: string;
    }>`select state from payments where invoice_id = ${second.id}`.execute(world.ground.db);
    expect(rows).toEqual([{ state: 'pending' }]);
    await world.ground.db
      .updateTable('wallets')
      .set({ mac: wallet!.mac })
      .where('id', '=', wallet!.id)
      .execute();
    await becomes(second, 'completed');
  });
});

test('the alarm is raised once for each, by name, and ends with its cause', async () => {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const { db, vault } = world.ground;
  const deps = { db, vault, logger, alarmed: new Set<string>() };
  await checkWallets(deps);
  lines.length = 0;
  const invoice = await create(world, shop);
  await swapInvoice(invoice);
  await checkWallets(deps);
  await checkWallets(deps);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    level: 50,
    alarm: 'wallet_integrity',
    invoice: Number(invoice.id),
    merchant: shop.id,
  });
  expect(JSON.stringify(lines)).not.toContain(THIEF);
  expect(await findForgedWallets(db, vault)).toContainEqual({
    invariant: 'a wallet is as it was registered',
    detail: `invoice ${invoice.id}`,
  });
  const { wallets } = shop;
  await run(
    `update invoices set address = '${wallets['ERC-20']}', address_key = '${shop.address}' where id = ${invoice.id}`,
  );
  await checkWallets(deps);
  expect(lines[1]).toMatchObject({ level: 30, alarm_over: 'wallet_integrity' });
});
