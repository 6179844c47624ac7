/**
 * kill -9 of everything at once, at each station between an order and its webhook, and a new start on the same folder:
 * nothing is lost, and nothing happens twice. The shop is the one black box that remembers all of it.
 */
import { type CreatedInvoice, CryptoScan, verifyWebhook } from '@cryptoscan/sdk';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { payOnLocalChain } from '../../server/src/dev/pay.ts';
import { rpc } from '../../server/src/dev/rpc.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import {
  type DevLine,
  type Home,
  openHome,
  type Program,
  patience,
  run,
  startDev,
  withDatabase,
} from '../process.ts';
import { unitsOf } from './fake-watch.ts';
import { openSink, type Sink } from './sink.ts';

let home: Home;
let sink: Sink;
let dev: { program: Program; line: DevLine };

beforeAll(async () => {
  home = await openHome();
  sink = await openSink();
  expect(await run(home, ['--version'])).toMatchObject({ code: 0 });
  dev = await startDev(home, 'data');
  const hook = ['--webhook-url', sink.url('/shop'), '--data-dir', 'data'];
  expect(await run(home, ['merchant', 'update', '1', ...hook])).toMatchObject({ code: 0 });
}, 300_000);

afterAll(async () => {
  await dev?.program.kill();
  await sink?.close();
  await home?.close();
});

afterEach(() => sink.answer('/shop', ({ answered }) => answered.writeHead(200).end()));

/** Kills the program and what it started, and starts it anew at once. */
async function crash(): Promise<void> {
  await dev.program.kill();
  dev = await startDev(home, 'data');
}

function client(): CryptoScan {
  const { public_key: publicKey, private_key: privateKey, auth } = dev.line.merchants[0]!;
  return new CryptoScan({ baseUrl: dev.line.base_url, publicKey, privateKey, auth });
}

const order = (reference: string) => ({
  amount: '15',
  client_reference_id: reference,
  cryptocurrency: 'USDT',
  network: 'ERC-20',
});

const chain = () => dev.line.chains.find(({ network }) => network === 'ERC-20')!;

function pay(invoice: CreatedInvoice): Promise<string> {
  const { rpc_url: rpcUrl, tokens } = chain();
  return payOnLocalChain({ rpcUrl, token: tokens[0]!.address, to: invoice.wallet, units: unitsOf(invoice) });
}

/** What a payer does who finds the payment gone with the chain's last moments: pays again. */
async function payUnlessPaid(invoice: CreatedInvoice, hash: string): Promise<void> {
  if ((await rpc(chain().rpc_url, 'eth_getTransactionReceipt', hash)) === null) await pay(invoice);
}

const bury = () => rpc(chain().rpc_url, 'anvil_mine', '0xd');
const told = ({ id }: CreatedInvoice) =>
  sink.at('/shop').filter(({ body }) => JSON.parse(body).data.id === Number(id));

/** Holds once the shop knows: one event with one id, however often it was sent; one settlement. */
async function expectPaidOnce(invoice: CreatedInvoice): Promise<void> {
  await expect.poll(() => client().invoice(invoice.id), patience).toMatchObject({ status: 'completed' });
  const rest = () =>
    withDatabase(home, 'data', db =>
      db
        .selectFrom('deliveries')
        .select(['state', 'outbox_id'])
        .where('invoice_id', '=', Number(invoice.id))
        .execute(),
    );
  await expect.poll(rest, patience).toMatchObject([{ state: 'delivered' }]);
  const requests = told(invoice);
  expect(requests.length).toBeGreaterThan(0);
  expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const { public_key: publicKey, private_key: privateKey } = dev.line.merchants[0]!;
  for (const { body, headers } of requests) {
    expect(JSON.parse(body)).toMatchObject({
      event_type: 'paid',
      data: { final_amount: invoice.final_amount },
    });
    expect(await verifyWebhook(body, headers, { publicKey, privateKey })).toMatchObject({ ok: true });
  }
  const settled = await withDatabase(home, 'data', db =>
    db
      .selectFrom('payments')
      .select('state')
      .where('invoice_id', '=', Number(invoice.id))
      .where('state', '=', 'settled')
      .execute(),
  );
  expect(settled).toHaveLength(1);
}

describe('killed', () => {
  test('while invoices are being created: what was answered is there, the rest is there once or not at all', async () => {
    const before = client();
    const asked = Array.from({ length: 60 }, (_, n) => {
      const made = before.createInvoice(order(`burst ${n}`));
      return made.catch(() => null);
    });
    await Promise.race(asked);
    await crash();
    const answered = (await Promise.all(asked)).filter(invoice => invoice !== null);
    expect(answered.length).toBeGreaterThan(0);
    for (const invoice of answered) {
      const viewed = await client().invoice(invoice.id);
      expect(viewed).toMatchObject({ status: 'new', wallet: invoice.wallet });
      expect(viewed.final_amount).toBe(Number(invoice.final_amount));
    }
    // Every order can be asked for again: it is made now, or it was.
    for (let n = 0; n < 60; n++)
      await client()
        .createInvoice(order(`burst ${n}`))
        .catch(refused => {
          expect(refused.errors).toEqual({
            client_reference_id: [`Client Reference Id "burst ${n}" has already been taken.`],
          });
        });
    const rows = await withDatabase(home, 'data', db =>
      sql<{ made: number; held: number }>`
        select (select count(*)::int from invoices where client_reference_id like 'burst %') as made,
               (select count(*)::int from reservations) as held`.execute(db),
    );
    expect(rows.rows).toEqual([{ made: 60, held: 60 }]);
  });

  test('between the order and the payment', async () => {
    const invoice = await client().createInvoice(order('ordered'));
    await crash();
    await pay(invoice);
    await bury();
    await expectPaidOnce(invoice);
  });

  test('the moment a payment is in a block', async () => {
    const invoice = await client().createInvoice(order('in a block'));
    const hash = await pay(invoice);
    await crash();
    await payUnlessPaid(invoice, hash);
    await bury();
    await expectPaidOnce(invoice);
  });

  test('while a payment waits to be final', async () => {
    const invoice = await client().createInvoice(order('waiting'));
    const hash = await pay(invoice);
    await expect.poll(() => client().invoice(invoice.id), patience).toMatchObject({ transaction_id: hash });
    await crash();
    await payUnlessPaid(invoice, hash);
    await bury();
    await expectPaidOnce(invoice);
  });

  test('while the shop is being told: it is told again under the same id', async () => {
    const invoice = await client().createInvoice(order('telling'));
    sink.answer('/shop', () => undefined);
    await pay(invoice);
    await bury();
    await expect.poll(() => told(invoice).length, patience).toBe(1);
    await crash();
    sink.answer('/shop', ({ answered }) => answered.writeHead(200).end());
    // The dead process's claim would run out after a minute.
    await withDatabase(home, 'data', db =>
      sql`update deliveries set leased_until = leased_until - interval '1 minute' where lease is not null`.execute(
        db,
      ),
    );
    await expectPaidOnce(invoice);
    expect(told(invoice).map(({ body }) => JSON.parse(body).retry_count)).toEqual([0, 0]);
  });

  test('the moment the shop has answered', async () => {
    const invoice = await client().createInvoice(order('answered'));
    let killed: Promise<void> | undefined;
    sink.answer('/shop', ({ answered }) => {
      answered.writeHead(200).end();
      killed ??= crash();
    });
    await pay(invoice);
    await bury();
    await vi.waitUntil(() => killed !== undefined, patience);
    await killed;
    await withDatabase(home, 'data', db =>
      sql`update deliveries set leased_until = leased_until - interval '1 minute' where lease is not null`.execute(
        db,
      ),
    );
    await expectPaidOnce(invoice);
    expect(told(invoice).length).toBeLessThanOrEqual(2);
  });

  test('six times, and everything that must always hold does', async () => {
    expect(await withDatabase(home, 'data', findViolations)).toEqual([]);
    expect(await run(home, ['doctor', '--data-dir', 'data'])).toMatchObject({ code: 0 });
    const twice = await withDatabase(home, 'data', db =>
      sql`select invoice_id from outbox group by invoice_id having count(*) > 1`.execute(db),
    );
    expect(twice.rows).toEqual([]);
  });
});
