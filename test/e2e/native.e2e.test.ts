/** ETH and TRX on the live local chains: what settles an invoice, what does not, and what only a balance shows. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { payOnLocalChain } from '../../server/src/dev/pay.ts';
import { openRateAnswers, type RateAnswers } from '../../server/src/dev/rate-answers.ts';
import { receiptOf, rpc, rpcAccounts, rpcHex } from '../../server/src/dev/rpc.ts';
import { openSources } from '../../server/src/rates/registry.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import {
  clientOf,
  type Ground,
  openGateway,
  openGround,
  openShop,
  openWallet,
  type TestGateway,
} from '../gateway.ts';
import { bury, idOf, type LiveChain, openLive } from './live-chain.ts';
import { openSink, type Sink } from './sink.ts';

const codes = ['ERC-20', 'TRC-20'] as const;
const patience = { timeout: 60_000, interval: 50 };

let ground: Ground;
let gateway: TestGateway;
let sink: Sink;
let rates: RateAnswers;
let chains: Record<(typeof codes)[number], LiveChain>;

beforeAll(async () => {
  [ground, sink, rates] = await Promise.all([
    openGround(),
    openSink(),
    openRateAnswers({ port: 0, now: Date.now }),
  ]);
  const [evm, tron] = await Promise.all(codes.map(openLive));
  chains = { 'ERC-20': evm as LiveChain, 'TRC-20': tron as LiveChain };
  const providers = { 'ERC-20': chains['ERC-20'].rpcUrl, 'TRC-20': chains['TRC-20'].rpcUrl };
  gateway = await openGateway(ground, { providers, rateSources: openSources(rates.settings) });
  const ready = () =>
    sql`select from rate_readings r cross join cursors c having count(distinct c.network) = 2`.execute(
      ground.db,
    );
  await vi.waitUntil(async () => (await ready()).rows.length > 0, patience);
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all(Object.values(chains ?? {}).map(chain => chain.stop()));
  await rates?.stop();
  await sink?.close();
  await ground?.close();
});

const of = { 'ERC-20': { coin: 'ETH', decimals: 18 }, 'TRC-20': { coin: 'TRX', decimals: 6 } } as const;

describe.each(codes)('on %s', code => {
  test('its own coin settles by a payment that succeeded, and by nothing else', async () => {
    const { coin, decimals } = of[code];
    const chain = chains[code];
    const { rpcUrl } = chain;
    const shop = await openShop(ground, { settings: { webhookUrl: sink.url(`/${code}`) } });
    await openWallet(ground, {
      merchantId: shop.id,
      network: code,
      address: shop.address,
      cryptocurrency: coin,
      digits: coin === 'ETH' ? 7 : 3,
    });
    const client = clientOf(gateway, shop);
    const ask = { amount: '25', cryptocurrency: coin, network: code } as const;
    const create = async () => {
      for (let made = 0; ; made++) {
        const created = await client
          .createInvoice({ ...ask, client_reference_id: `${code} ${made} ${Math.random()}` })
          .catch((error: Error) => error);
        // Until the rates are known and the network is read there is a clear refusal.
        if (!(created instanceof Error)) return created;
        if (made > 300) throw created;
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    };
    const invoice = await create();
    const unpaid = await create();
    expect(invoice.cryptocurrency).toBe(coin);
    const view = (one: { id: string }) => client.invoice(one.id);
    const row = await ground.db
      .selectFrom('invoices')
      .select(['coin_rate', 'coin_rate_origin', 'final_units', 'requested_amount'])
      .where('id', '=', Number(invoice.id))
      .executeTakeFirstOrThrow();
    expect(row.requested_amount).toBe('25.00000000');
    expect(JSON.parse(row.coin_rate_origin ?? '{}').sources.length).toBeGreaterThanOrEqual(2);
    const asked = (25 * Number(row.coin_rate)).toFixed(5);
    expect(Number((await view(invoice)).requested_amount).toFixed(5)).toBe(asked);
    const due = BigInt(row.final_units ?? 0);
    expect(Number(due) / 10 ** decimals).toBeCloseTo(Number(invoice.final_amount), 9);

    // A wallet with code that takes nothing: the transaction is in a block, with its value, and moved none of it.
    await rpc(rpcUrl, 'anvil_setCode', shop.address, '0x60006000fd');
    const [from] = await rpcAccounts(rpcUrl);
    const value = `0x${due.toString(16)}`;
    const failed = await rpcHex(rpcUrl, 'eth_sendTransaction', {
      from,
      to: shop.address,
      value,
      gas: '0x30d40',
    });
    expect((await receiptOf(rpcUrl, failed)).status).toBe(0);
    await rpc(rpcUrl, 'anvil_setCode', shop.address, '0x');
    // What the balance was before anything came in is where its account begins.
    await bury(chain);
    const check = () =>
      ground.db
        .selectFrom('balance_checks')
        .select(['height', 'units', 'unexplained'])
        .where('address_key', 'like', `%${shop.address.slice(2)}`)
        .executeTakeFirst();
    await expect.poll(check, patience).toMatchObject({ units: '0', unexplained: '0' });

    const hash = await payOnLocalChain({ rpcUrl, token: null, to: shop.address, units: due });
    await expect.poll(() => view(invoice), patience).toMatchObject({ transaction_id: idOf(chain, hash) });
    await bury(chain);
    await expect.poll(() => view(invoice), patience).toMatchObject({ status: 'completed' });

    // The very amount of the other invoice, sent on by a contract.
    const other = await ground.db
      .selectFrom('invoices')
      .select('final_units')
      .where('id', '=', Number(unpaid.id))
      .executeTakeFirstOrThrow();
    const forwarder = `0x${'0'.repeat(35)}a0005`;
    await rpc(rpcUrl, 'anvil_setCode', forwarder, `0x60006000600060003473${shop.address.slice(2)}5af100`);
    await payOnLocalChain({ rpcUrl, token: null, to: forwarder, units: BigInt(other.final_units ?? 0) });
    await bury(chain);
    await expect.poll(check, patience).toMatchObject({ unexplained: other.final_units });
    expect(await view(unpaid)).toMatchObject({ status: 'new', transaction_id: null });
    // What goes out raises nothing, though it takes from the balance.
    await rpc(rpcUrl, 'anvil_impersonateAccount', shop.address);
    const spent = await rpcHex(rpcUrl, 'eth_sendTransaction', {
      from: shop.address,
      to: from,
      value: '0x1',
      gas: '0x5208',
      gasPrice: '0x0',
    }).catch(() => null);
    if (spent) await receiptOf(rpcUrl, spent);
    await bury(chain);
    await expect.poll(check, patience).toMatchObject({ unexplained: other.final_units });
    const paid = sink.at(`/${code}`).map(({ body }) => JSON.parse(body));
    expect(paid.map(({ event_type, data }) => [event_type, String(data.id)])).toEqual([['paid', invoice.id]]);
    expect(await findViolations(ground.db)).toEqual([]);
  }, 180_000);
});
