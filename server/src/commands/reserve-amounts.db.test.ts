import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import {
  asked,
  HOUR,
  MINUTE,
  makeInvoice,
  makeShop,
  makeWallet,
  methodOf,
  must,
  newAccount,
  put,
  readTo,
  SECOND,
  type TestMerchant,
} from '../../../test/factories.ts';
import { anInvoice } from '../../../test/invoice.ts';
import { lockWaiters } from '../../../test/lock-waiters.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { Invoice } from '../domain/invoice.ts';
import { formatAmount } from '../domain/money.ts';
import { transact } from '../store/db.ts';
import { insertInvoices } from '../store/insert-invoices.ts';
import { findViolations } from '../store/invariants.ts';
import { type CreateDeps, type CreateInvoice, createInvoices } from './create-invoice.ts';
import { TailMemory } from './tail-memory.ts';

const world = useWorld();

async function createOne(command: CreateInvoice, deps: CreateDeps = world) {
  const [answer] = await createInvoices(deps, [command]);
  return answer!;
}

const faultOf = async (command: CreateInvoice, deps?: CreateDeps) => {
  const answer = await createOne(command, deps);
  return answer.ok ? 'created' : answer.fault;
};

const unitsOf = (invoice: Invoice) => methodOf(invoice).final.units;

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setImmediate(resolve));
}

const countReservations = async () =>
  (await world.db.selectFrom('reservations').select('invoice_id').execute()).length;

describe('an amount', () => {
  test('of 500 equal prices asked at once is another one each time, all above the price', async () => {
    const { merchant } = await makeShop(world);
    const batches = Array.from({ length: 10 }, () =>
      Array.from({ length: 50 }, () => asked(world, merchant)),
    );
    await warm(world.db);
    const answers = (await Promise.all(batches.map(batch => createInvoices(world, batch)))).flat();
    const amounts = answers.map(answer => unitsOf(must(answer)));
    expect(new Set(amounts).size).toBe(500);
    for (const units of amounts) expect(units > 10_000_000n && units <= 10_999_000n).toBe(true);
    expect(await countReservations()).toBe(500);
    expect(await findViolations(world.db)).toEqual([]);
  });

  /** Two wallets at one address, of two merchants, with 2 digits. */
  async function makeNeighbours() {
    const account = newAccount(world);
    const settings = { digits: 2, account };
    const one = await makeShop(world, { wallet: { ...settings, maxTail: 37 } });
    const two = await makeShop(world, { wallet: { ...settings, maxTail: 7 } });
    return { one: one.merchant, two: two.merchant };
  }

  /** Chance that always says the highest. */
  const highest = () => ({ ...world, random: (n: number) => n - 1 });

  test('is one for the whole installation: 10.00 + 0.37 is 10.30 + 0.07 to another merchant', async () => {
    const { one, two } = await makeNeighbours();
    const first = must(await createOne(asked(world, one, { amount: '10.00' }), highest()));
    const second = must(await createOne(asked(world, two, { amount: '10.30' }), highest()));
    expect([first, second].map(invoice => formatAmount(methodOf(invoice).final))).toEqual(['10.37', '10.36']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is one for the whole batch too', async () => {
    const { one, two } = await makeNeighbours();
    const batch = [asked(world, one, { amount: '10.00' }), asked(world, two, { amount: '10.30' })];
    const answers = await createInvoices(highest(), batch);
    expect(answers.map(answer => formatAmount(methodOf(must(answer)).final)).sort()).toEqual([
      '10.36',
      '10.37',
    ]);
    expect(await countReservations()).toBe(2);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('of a wallet of 8 digits is told apart from one of 3 digits at the same address', async () => {
    const account = newAccount(world);
    const network = 'BEP-20';
    const coarse = await makeShop(world, { wallet: { network, account, digits: 3, maxTail: 9 } });
    const fine = await makeShop(world, { wallet: { network, account, digits: 8, maxTail: 9999 } });
    const commands = [coarse.merchant, fine.merchant].flatMap(merchant =>
      ['10.00', '10.00999', '10.00499'].flatMap(amount =>
        Array.from({ length: 3 }, () => asked(world, merchant, { network, amount })),
      ),
    );
    const amounts = (await createInvoices(world, commands)).map(answer => unitsOf(must(answer)));
    expect(new Set(amounts).size).toBe(18);
    const steps = amounts.map((units, index) => units % 10n ** (index < 9 ? 15n : 10n));
    expect(steps).toEqual(Array(18).fill(0n));
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('of one price asked many times in a batch is drawn for each without a second try', async () => {
    const { merchant } = await makeShop(world);
    const commands = Array.from({ length: 40 }, () => asked(world, merchant));
    const answers = await createInvoices(highest(), commands);
    expect(new Set(answers.map(answer => unitsOf(must(answer)))).size).toBe(40);
  });

  test('that is remembered as held but was freed by another process is found all the same', async () => {
    const { merchant } = await makeShop(world, { wallet: { maxTail: 1 } });
    must(await createOne(asked(world, merchant)));
    expect(await createOne(asked(world, merchant))).toEqual({ ok: false, fault: 'no_free_amount' });
    await world.db.deleteFrom('reservations').execute();
    must(await createOne(asked(world, merchant)));
  });

  test('that is remembered as free but was taken by another process is not given twice', async () => {
    const { merchant } = await makeShop(world, { wallet: { maxTail: 2 } });
    const other = { ...world, memory: new TailMemory() };
    const mine = must(await createOne(asked(world, merchant)));
    const theirs = must(await createOne(asked(world, merchant), other));
    expect(unitsOf(mine)).not.toBe(unitsOf(theirs));
    expect(await createOne(asked(world, merchant))).toEqual({ ok: false, fault: 'no_free_amount' });
  });

  test('is found although another process has taken very many of those remembered as free', async () => {
    const { merchant } = await makeShop(world, { wallet: { maxTail: 64 } });
    must(await createOne(asked(world, merchant), highest()));
    const other = { ...highest(), memory: new TailMemory() };
    const taking = Array.from({ length: 24 }, () => asked(world, merchant));
    for (const answer of await createInvoices(other, taking)) must(answer);
    must(await createOne(asked(world, merchant), highest()));
  });

  test('without a tail, that another price has with one, takes none of the tails', async () => {
    const { merchant } = await makeShop(world, { wallet: { maxTail: 1 } });
    const below = await makeInvoice(world, merchant, { amount: '9.999' });
    expect(unitsOf(below)).toBe(10_000_000n);
    expect(unitsOf(await makeInvoice(world, merchant, { amount: '10' }))).toBe(10_001_000n);
  });

  test.each(['one after the other', 'at once'])(
    'of one coin on one network is not held in another coin or on another network, asked for %s',
    async order => {
      const { merchant } = await makeShop(world);
      const account = newAccount(world);
      const ways = [
        { network: 'ERC-20', asset: 'USDT' },
        { network: 'ERC-20', asset: 'USDC' },
        { network: 'POLYGON', asset: 'USDT' },
      ] as const;
      for (const way of ways) {
        await makeWallet(world, merchant, { ...way, account, maxTail: 1 });
        await readTo(world, way.network, { height: 100 });
      }
      const commands = ways.map(way => asked(world, merchant, way));
      const batches = order === 'at once' ? [commands] : commands.map(command => [command]);
      for (const batch of batches)
        for (const answer of await createInvoices({ ...world, memory: new TailMemory() }, batch))
          must(answer);
      expect(await countReservations()).toBe(3);
    },
  );

  test('of finer digits does not make a coarser one seem held', async () => {
    const shared = { network: 'BEP-20' as const, account: newAccount(world) };
    const coarse = await makeShop(world, { wallet: { ...shared, digits: 3, maxTail: 1 } });
    const fine = await makeShop(world, { wallet: { ...shared, digits: 8, maxTail: 9999 } });
    for (let i = 0; i < 3; i++)
      await makeInvoice(world, fine.merchant, { network: 'BEP-20', amount: '10.0009' });
    const invoice = await makeInvoice(world, coarse.merchant, { network: 'BEP-20', amount: '10' });
    expect(formatAmount(methodOf(invoice).final)).toBe('10.001');
  });

  test('is drawn from the first 64 while less than half of them is held, then from 128, and so on', async () => {
    const { merchant } = await makeShop(world);
    const tails: number[] = [];
    for (let i = 0; i < 70; i++)
      tails.push(Number((unitsOf(await makeInvoice(world, merchant)) - 10_000_000n) / 1000n));
    expect(Math.max(...tails.slice(0, 32))).toBeLessThanOrEqual(64);
    expect(Math.max(...tails.slice(0, 64))).toBeLessThanOrEqual(128);
    expect(Math.max(...tails.slice(32))).toBeGreaterThan(64);
    expect(new Set(tails).size).toBe(70);
  });
});

describe('the hold of an ended invoice', () => {
  async function onlyAmount() {
    const { merchant } = await makeShop(world, { wallet: { digits: 3, maxTail: 1 } });
    const first = await makeInvoice(world, merchant);
    return { merchant, first };
  }

  async function createsAt(merchant: TestMerchant, time: number) {
    world.clock.time = time;
    await readTo(world, 'TRC-20', { height: 200 });
    return faultOf(asked(world, merchant));
  }

  test('keeps its amount until two minutes after its end', async () => {
    const { merchant, first } = await onlyAmount();
    world.clock.advance(33 * MINUTE);
    const ended = world.clock.now();
    await put(world, first, 'deadline_passed');
    const free = ended + 24 * HOUR + 120 * SECOND;
    expect(await createsAt(merchant, ended)).toBe('no_free_amount');
    expect(await createsAt(merchant, ended + 24 * HOUR)).toBe('no_free_amount');
    expect(await createsAt(merchant, free)).toBe('no_free_amount');
    expect(await createsAt(merchant, free + 1)).toBe('created');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('leaves no moment at which a payment could be that of either invoice', async () => {
    const { merchant, first } = await onlyAmount();
    world.clock.advance(900);
    await put(world, first, 'cancelled');
    const heldUntil = world.clock.now() + 24 * HOUR;
    let now = heldUntil + 120 * SECOND;
    while ((await createsAt(merchant, now)) !== 'created') now += 50;
    const [taken] = await world.db
      .selectFrom('invoices')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(1)
      .execute();
    // The window in which a payment counts begins two minutes before the invoice was made.
    expect(taken!.created_at - 120 * SECOND).toBeGreaterThan(heldUntil);
    expect(now - heldUntil).toBeLessThan(122 * SECOND);
  });

  test('is over also when a create takes the amount and then loses its reference to another one', async () => {
    const { merchant, first } = await onlyAmount();
    await put(world, first, 'cancelled');
    world.clock.advance(25 * HOUR);
    await readTo(world, 'TRC-20', { height: 200 });
    const rival = anInvoice({
      id: 1000,
      merchantId: merchant.id,
      clientReferenceId: 'same',
      method: null,
      status: 'awaiting_method',
      createdAt: world.clock.now(),
      expireAt: world.clock.now() + 30 * MINUTE,
    });
    const commission = { units: 0n, scale: 8 };
    let losing = Promise.resolve('not asked');
    await transact(world.db, async tx => {
      await insertInvoices(tx, [{ invoice: rival, commission }]);
      losing = faultOf(asked(world, merchant, { clientReferenceId: 'same' }));
      await until(async () => (await lockWaiters(world.db)) > 0);
    });
    expect(await losing).toBe('reference_taken');
    expect(await countReservations()).toBe(0);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is over for good: what becomes of that invoice then ends no hold of the one that has the amount', async () => {
    const { merchant, first } = await onlyAmount();
    await put(world, first, 'cancelled');
    expect(await createsAt(merchant, world.clock.now() + 25 * HOUR)).toBe('created');
    await put(world, first, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
    const held = await world.db.selectFrom('reservations').select(['invoice_id', 'held_until']).execute();
    expect(held).toEqual([{ invoice_id: first.id + 1, held_until: null }]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('has no end while the invoice is open', async () => {
    const { merchant } = await onlyAmount();
    expect(await createsAt(merchant, world.clock.now() + 365 * 24 * HOUR)).toBe('no_free_amount');
  });

  test('is taken over by one of many who want it at once', async () => {
    const { merchant, first } = await onlyAmount();
    await put(world, first, 'cancelled');
    world.clock.advance(25 * HOUR);
    await readTo(world, 'TRC-20', { height: 200 });
    await warm(world.db);
    const answers = await Promise.all(Array.from({ length: 8 }, () => createOne(asked(world, merchant))));
    expect(answers.filter(answer => answer.ok)).toHaveLength(1);
    expect(await countReservations()).toBe(1);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('several wallets of one merchant', () => {
  test('are used in turn, and the others when one is full', async () => {
    const { merchant, wallet } = await makeShop(world, { wallet: { maxTail: 3 } });
    const second = await makeWallet(world, merchant, { maxTail: 4 });
    const answers = await createInvoices(
      world,
      Array.from({ length: 9 }, () => asked(world, merchant)),
    );
    const used = answers.flatMap(answer => (answer.ok ? [methodOf(answer.value).walletId] : []));
    expect(used.filter(id => id === wallet.id)).toHaveLength(3);
    expect(used.filter(id => id === second.id)).toHaveLength(4);
    expect(answers.flatMap(answer => (answer.ok ? [] : [answer.fault]))).toEqual([
      'no_free_amount',
      'no_free_amount',
    ]);
  });

  test('have equal shares over many invoices', async () => {
    const { merchant, wallet } = await makeShop(world);
    await makeWallet(world, merchant);
    const answers = await createInvoices(
      world,
      Array.from({ length: 200 }, () => asked(world, merchant)),
    );
    const first = answers.filter(answer => methodOf(must(answer)).walletId === wallet.id).length;
    expect(first).toBeGreaterThan(60);
    expect(first).toBeLessThan(140);
  });

  test('are tried one after the other, however many are full', async () => {
    const { merchant } = await makeShop(world, { wallet: { maxTail: 1 } });
    for (let i = 1; i < 20; i++) await makeWallet(world, merchant, { maxTail: 1 });
    const commands = Array.from({ length: 21 }, () => asked(world, merchant));
    const answers = await createInvoices(world, commands);
    expect(answers.filter(answer => answer.ok)).toHaveLength(20);
    expect(await faultOf(asked(world, merchant))).toBe('no_free_amount');
  });

  test('go on beside one that is not as it was registered, which is given to nobody', async () => {
    const { merchant, wallet } = await makeShop(world);
    const second = await makeWallet(world, merchant);
    await sql`update wallets set address = 'TX' where id = ${wallet.id}`.execute(world.db);
    for (let n = 0; n < 10; n++)
      expect(methodOf(await makeInvoice(world, merchant)).walletId).toBe(second.id);
    await sql`update wallets set address = 'TX' where id = ${second.id}`.execute(world.db);
    expect(await faultOf(asked(world, merchant))).toBe('wallet_integrity');
  });
});
