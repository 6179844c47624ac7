import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import {
  asked,
  decimal,
  HOUR,
  keyOn,
  MINUTE,
  makeInvoice,
  makeMerchant,
  makeShop,
  makeWallet,
  methodOf,
  price,
  put,
  readTo,
} from '../../../test/factories.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import { networks } from '../domain/asset.ts';
import { createFaults } from '../domain/errors.ts';
import { compare, formatAmount } from '../domain/money.ts';
import { openVault } from '../lib/vault.ts';
import { findViolations } from '../store/invariants.ts';
import { findInvoice } from '../store/invoices.ts';
import { type CreateDeps, type CreateInvoice, createInvoices } from './create-invoice.ts';

const world = useWorld();

async function createOne(command: CreateInvoice, deps: CreateDeps = world) {
  const [answer] = await createInvoices(deps, [command]);
  return answer!;
}

const faultOf = async (command: CreateInvoice, deps?: CreateDeps) => {
  const answer = await createOne(command, deps);
  return answer.ok ? 'created' : answer.fault;
};

const countInvoices = async () => (await world.db.selectFrom('invoices').select('id').execute()).length;
const countReservations = async () =>
  (await world.db.selectFrom('reservations').select('invoice_id').execute()).length;

describe('an invoice', () => {
  test('is stored as it was answered', async () => {
    const { merchant, wallet } = await makeShop(world);
    world.clock.advance(789);
    const made = await makeInvoice(world, merchant, {
      amount: '15.005',
      clientReferenceId: 'order №1 🧾',
      metadata: '{"a":1}',
    });
    expect(made).toMatchObject({
      merchantId: merchant.id,
      clientReferenceId: 'order №1 🧾',
      metadata: '{"a":1}',
      compat: false,
      requested: price('15.005'),
      source: null,
      status: 'new',
      seen: null,
      createdAt: world.clock.now(),
      expireAt: world.clock.now() + 30 * MINUTE,
      endedAt: null,
      version: 1,
      method: {
        network: 'TRC-20',
        asset: 'USDT',
        walletId: wallet.id,
        address: wallet.address,
        addressKey: wallet.key,
      },
    });
    expect(await findInvoice(world.db, merchant.id, made.id)).toEqual(made);
    expect(await findInvoice(world.db, merchant.id + 1, made.id)).toBeNull();
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('asks for more than the shop did, by at most the tail', async () => {
    const { merchant } = await makeShop(world, { wallet: { digits: 3, maxTail: 64 } });
    for (const amount of ['0.00000001', '10', '10.0001', '999.9999', '999999999999999.99999999']) {
      const { final } = methodOf(await makeInvoice(world, merchant, { amount }));
      const [asking, most] = [price(amount), decimal('0.065')];
      expect(compare(final, asking)).toBe(1);
      const above = { units: final.units * 100n - asking.units, scale: 8 };
      expect(compare(above, most)).toBe(-1);
    }
  });

  test.each([
    ['BEP-20', 8, /^10\.000000\d{1,2}$/],
    ['BEP-20', 2, /^1\d\.\d\d$/],
    ['TRC-20', 6, /^10\.000\d{1,3}$/],
  ] as const)('on %s with %i digits has its tail there', async (network, digits, shape) => {
    const { merchant } = await makeShop(world, { wallet: { network, digits, maxTail: 99 } });
    const invoice = await makeInvoice(world, merchant, { network });
    expect(formatAmount(methodOf(invoice).final)).toMatch(shape);
    expect(methodOf(invoice).final.scale).toBe(
      networks[network].tokens.find(({ asset }) => asset === 'USDT')?.decimals,
    );
  });

  test('with a page is stored with all that stands on it', async () => {
    const { merchant } = await makeShop(world);
    const made = await makeInvoice(world, merchant, {
      page: {
        id: crypto.randomUUID(),
        description: 'two bags of coffee',
        backUrl: 'https://shop.example/back',
        cancelUrl: 'https://shop.example/cancel',
        lang: 'de',
      },
      source: { currency: 'EUR', amount: decimal('9'), rate: decimal('0.9'), rateOrigin: '{"a":1}' },
    });
    expect(await findInvoice(world.db, merchant.id, made.id)).toEqual({
      ...made,
      source: { ...made.source, amount: expect.anything(), rate: expect.anything() },
    });
  });

  test('keeps the mode that its merchant was in when it was made', async () => {
    const { merchant } = await makeShop(world);
    for (const compat of [true, false]) {
      const { id } = await makeInvoice(world, { ...merchant, compat });
      expect((await findInvoice(world.db, merchant.id, id))?.compat).toBe(compat);
    }
  });

  test('lasts as long as the merchant says', async () => {
    const { merchant } = await makeShop(world, { merchant: { paymentMinutes: 90 } });
    const invoice = await makeInvoice(world, merchant);
    expect(invoice.expireAt - invoice.createdAt).toBe(90 * MINUTE);
  });
});

describe('a reference', () => {
  test('of 50 identical creates in as many transactions makes exactly one invoice', async () => {
    const { merchant } = await makeShop(world);
    await warm(world.db);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => createOne(asked(world, merchant, { clientReferenceId: 'same' }))),
    );
    expect(answers.filter(answer => answer.ok)).toHaveLength(1);
    expect(answers.flatMap(answer => (answer.ok ? [] : [answer.fault]))).toEqual(
      Array(49).fill('reference_taken'),
    );
    expect(await countInvoices()).toBe(1);
    expect(await countReservations()).toBe(1);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('twice in one batch goes to the first', async () => {
    const { merchant } = await makeShop(world);
    const batch = ['a', 'b', 'a', 'c', 'b'].map(clientReferenceId =>
      asked(world, merchant, { clientReferenceId }),
    );
    const answers = await createInvoices(world, batch);
    expect(answers.map(answer => (answer.ok ? answer.value.clientReferenceId : answer.fault))).toEqual([
      'a',
      'b',
      'reference_taken',
      'c',
      'reference_taken',
    ]);
    expect(await countInvoices()).toBe(3);
  });

  test('belongs to its merchant: another may have the same', async () => {
    const [one, two] = [await makeShop(world), await makeShop(world)];
    const clientReferenceId = 'same';
    expect((await createOne(asked(world, one.merchant, { clientReferenceId }))).ok).toBe(true);
    expect((await createOne(asked(world, two.merchant, { clientReferenceId }))).ok).toBe(true);
    expect(await faultOf(asked(world, two.merchant, { clientReferenceId }))).toBe('reference_taken');
  });

  test('stays taken after its invoice has ended', async () => {
    const { merchant } = await makeShop(world);
    await put(world, await makeInvoice(world, merchant, { clientReferenceId: 'same' }), 'cancelled');
    world.clock.advance(400 * 24 * HOUR);
    await readTo(world, 'TRC-20', { height: 200 });
    expect(await faultOf(asked(world, merchant, { clientReferenceId: 'same' }))).toBe('reference_taken');
  });

  test('is compared as text: neither letter case nor number counts', async () => {
    const { merchant } = await makeShop(world);
    for (const clientReferenceId of ['1', '01', '1.0', ' 1', 'a', 'A', 'á'])
      expect((await createOne(asked(world, merchant, { clientReferenceId }))).ok).toBe(true);
  });
});

describe('what is refused', () => {
  test('is each of the faults there are', () => {
    expect([...createFaults].sort()).toEqual(
      [
        'balance_low',
        'compat_network',
        'key_in_use',
        'network_behind',
        'no_free_amount',
        'no_wallet',
        'reference_taken',
        'wallet_integrity',
      ].sort(),
    );
  });

  test('leaves nothing behind', async () => {
    const { merchant } = await makeShop(world, { wallet: { maxTail: 2 } });
    const commands = [1, 2, 3, 4].map(() => asked(world, merchant));
    const other = asked(world, merchant, { network: 'ERC-20' });
    const answers = await createInvoices(world, [...commands, other]);
    expect(answers.map(answer => (answer.ok ? 'created' : answer.fault)).sort()).toEqual([
      'created',
      'created',
      'no_free_amount',
      'no_free_amount',
      'no_wallet',
    ]);
    expect([await countInvoices(), await countReservations()]).toEqual([2, 2]);
  });

  test('compat_network: anything but USDT on TRC-20 in compatibility mode', async () => {
    const { merchant } = await makeShop(world, { merchant: { compat: true } });
    await makeWallet(world, merchant, { asset: 'USDC' });
    await makeWallet(world, merchant, { network: 'ERC-20' });
    await readTo(world, 'ERC-20', { height: 5 });
    expect(await faultOf(asked(world, merchant))).toBe('created');
    expect(await faultOf(asked(world, merchant, { asset: 'USDC' }))).toBe('compat_network');
    expect(await faultOf(asked(world, merchant, { network: 'ERC-20' }))).toBe('compat_network');
    const free = { ...merchant, compat: false };
    expect(await faultOf(asked(world, free, { asset: 'USDC' }))).toBe('created');
    expect(await faultOf(asked(world, free, { network: 'ERC-20' }))).toBe('created');
  });

  test("no_wallet: none for the coin, none on the network, an inactive one, another merchant's, no such network here", async () => {
    const { merchant, wallet } = await makeShop(world);
    const stranger = await makeMerchant(world);
    expect(await faultOf(asked(world, merchant, { asset: 'USDC' }))).toBe('no_wallet');
    expect(await faultOf(asked(world, merchant, { network: 'ERC-20' }))).toBe('no_wallet');
    expect(await faultOf(asked(world, stranger))).toBe('no_wallet');
    expect(await faultOf(asked(world, merchant), { ...world, networks: new Map() })).toBe('no_wallet');
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    expect(await faultOf(asked(world, stranger, { method: null, page }))).toBe('no_wallet');
    await sql`update wallets set active = false where id = ${wallet.id}`.execute(world.db);
    expect(await faultOf(asked(world, merchant))).toBe('no_wallet');
    expect(await faultOf(asked(world, merchant, { method: null, page }))).toBe('no_wallet');
  });

  test.each([
    ['address', keyOn('TRC-20', 'ab'.repeat(20))],
    ['address_key', keyOn('TRC-20', 'ab'.repeat(20))],
    ['asset', 'USDC'],
    ['network', 'ERC-20'],
  ])('wallet_integrity: the %s was changed in the database', async (column, value) => {
    const { merchant, wallet } = await makeShop(world);
    await readTo(world, 'ERC-20', { height: 100 });
    await sql`update wallets set ${sql.ref(column)} = ${value} where id = ${wallet.id}`.execute(world.db);
    const { network, asset } = await world.db
      .selectFrom('wallets')
      .select(['network', 'asset'])
      .executeTakeFirstOrThrow();
    expect(await faultOf(asked(world, merchant, { network, asset }))).toBe('wallet_integrity');
  });

  test('wallet_integrity: the wallet was given to another merchant, or the key is not the one it was registered with', async () => {
    const { merchant, wallet } = await makeShop(world);
    const thief = await makeMerchant(world);
    const stranger = { ...world, vault: openVault(Buffer.alloc(32, 9)) };
    expect(await faultOf(asked(world, merchant), stranger)).toBe('wallet_integrity');
    await sql`update wallets set merchant_id = ${thief.id} where id = ${wallet.id}`.execute(world.db);
    expect(await faultOf(asked(world, thief))).toBe('wallet_integrity');
  });

  test('but what may be edited may be edited', async () => {
    const { merchant } = await makeShop(world);
    await sql`update wallets set digits = 4, max_tail = 7, commission_payer = 'payer', hold_seconds = 7200`.execute(
      world.db,
    );
    expect(await faultOf(asked(world, merchant))).toBe('created');
  });

  test('network_behind: never read, or read 30 minutes ago', async () => {
    const merchant = await makeMerchant(world);
    await makeWallet(world, merchant);
    expect(await faultOf(asked(world, merchant))).toBe('network_behind');
    await readTo(world, 'TRC-20', { height: 100 });
    world.clock.advance(30 * MINUTE);
    expect(await faultOf(asked(world, merchant))).toBe('created');
    world.clock.advance(1);
    expect(await faultOf(asked(world, merchant))).toBe('network_behind');
    await readTo(world, 'TRC-20', { height: 101 });
    expect(await faultOf(asked(world, merchant))).toBe('created');
  });

  test('network_behind: a chain that makes blocks on demand is behind when its tip was not reached for 30 minutes', async () => {
    const { merchant } = await makeShop(world);
    const onDemand = {
      ...world,
      networks: new Map([['TRC-20', { ...networks['TRC-20'], onDemand: true }]] as const),
    };
    world.clock.advance(5 * HOUR);
    expect(await faultOf(asked(world, merchant), onDemand)).toBe('network_behind');
    await readTo(world, 'TRC-20', { height: 100, time: world.clock.now() - 5 * HOUR });
    expect(await faultOf(asked(world, merchant), onDemand)).toBe('created');
    expect(await faultOf(asked(world, merchant))).toBe('network_behind');
  });

  test('no_free_amount: every tail is held', async () => {
    const { merchant } = await makeShop(world, { wallet: { maxTail: 5 } });
    const answers = await createInvoices(
      world,
      Array.from({ length: 8 }, () => asked(world, merchant)),
    );
    expect(answers.filter(answer => answer.ok)).toHaveLength(5);
    expect(await faultOf(asked(world, merchant))).toBe('no_free_amount');
    expect(await faultOf(asked(world, merchant, { amount: '11' }))).toBe('created');
  });
});
