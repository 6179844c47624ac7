import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  asked,
  HOUR,
  MINUTE,
  makeShop,
  must,
  pay,
  put,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { fateOf } from '../../../test/fate.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import { MOST_HOLDING, MOST_OPEN } from '../domain/payment-link.ts';
import { match } from '../flow/match.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { findLink, listLinks } from '../store/payment-links.ts';
import { closeLink } from './close-link.ts';
import { createInvoices } from './create-invoice.ts';
import { createLink } from './create-link.ts';
import { useLink } from './use-link.ts';

const world = useWorld();
let merchant: TestMerchant;

beforeEach(async () => {
  ({ merchant } = await makeShop(world));
});

const settings = {
  amount: '14.30',
  currency: 'EUR',
  description: 'Two bags of coffee',
  backUrl: null,
  cancelUrl: null,
  maxUses: null,
  expiresAt: null,
};

const make = (given: object = {}, merchantId = merchant.id) =>
  createLink({ ...world, randomBytes }, { merchantId, settings: { ...settings, ...given } });

const newToken = () => randomBytes(16).toString('base64url');

/** Uses a link with an invoice that reserves an amount, as one of "USDT TRC-20 receive only" does. */
const use = (linkId: string, token = newToken(), amount = '10') => {
  const page = { id: randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
  const create = { ...asked(world, merchant, { amount, page }), page };
  return useLink(world, { linkId, token, create });
};

const invoices = async () =>
  (await world.db.selectFrom('invoices').select(['id', 'page_id', 'client_reference_id']).execute()).length;

async function invoiceOf(pageId: string): Promise<{ id: number }> {
  return world.db.selectFrom('invoices').select('id').where('page_id', '=', pageId).executeTakeFirstOrThrow();
}

const seen = { transactionId: 'a', payerWallet: 'b', paidAt: 1 };

describe('a link', () => {
  test('is kept as it was made, under a name that cannot be guessed', async () => {
    const link = must(await make({ maxUses: 3, expiresAt: world.clock.now() + HOUR }));
    expect(link.id).toMatch(/^[\w-]{22}$/);
    const found = await findLink(world.db, link.id);
    expect(found?.link).toEqual(link);
    expect(found?.merchant).toMatchObject({ id: merchant.id, compat: merchant.compat });
    expect(await listLinks(world.db, { merchantId: merchant.id, limit: 10 })).toEqual([{ ...link, paid: 0 }]);
    expect(await listLinks(world.db, { merchantId: merchant.id + 1, limit: 10 })).toEqual([]);
  });

  test.each([
    ['amount', { amount: '0' }],
    ['amount', { amount: '1e' }],
    ['currency', { currency: 'XXX' }],
    ['currency', { currency: 'eur' }],
    ['description', { description: ' ' }],
    ['description', { description: 'x'.repeat(101) }],
    ['description', { description: 'a\u0000b' }],
    ['backUrl', { backUrl: 'javascript:alert(1)' }],
    ['cancelUrl', { cancelUrl: 'https://user:pass@shop.example/' }],
    ['maxUses', { maxUses: 0 }],
    ['maxUses', { maxUses: 100_001 }],
    ['expiresAt', { expiresAt: 1 }],
  ])('names %s as what is wrong in %j', async (field, given) => {
    const made = await make(given);
    expect(made.ok ? null : made.fault.map(fault => fault.field)).toEqual([field]);
    expect(await listLinks(world.db, { merchantId: null, limit: 10 })).toEqual([]);
  });

  test('belongs to a merchant there is', async () => {
    const made = await make({}, 999_999);
    expect(made.ok ? null : made.fault).toEqual([
      { field: 'merchant', text: 'there is no merchant with this id' },
    ]);
  });
});

describe('a form', () => {
  test('makes one invoice however often it is sent, and each form its own', async () => {
    const { id } = must(await make());
    await warm(world.db);
    const token = newToken();
    const pages = await Promise.all(Array.from({ length: 8 }, () => use(id, token)));
    expect(new Set(pages.map(must)).size).toBe(1);
    expect(must(await use(id))).not.toBe(must(pages[0]!));
    expect(await invoices()).toBe(2);
  });

  test('leads to its invoice also when that has ended, and the link is closed', async () => {
    const { id } = must(await make());
    const token = newToken();
    const page = must(await use(id, token));
    await put(world, await invoiceOf(page), 'deadline_passed');
    must(await closeLink(world, id));
    expect(must(await use(id, token))).toBe(page);
    expect(await use(id)).toEqual({ ok: false, fault: 'link_closed' });
  });

  test('is of one link: the same token on another makes another invoice', async () => {
    const [one, other] = [must(await make()), must(await make())];
    const token = newToken();
    expect(must(await use(one.id, token))).not.toBe(must(await use(other.id, token)));
  });

  test('that was refused may be sent again', async () => {
    const { id } = must(await make());
    await world.db.updateTable('wallets').set({ active: false }).execute();
    const token = newToken();
    expect(await use(id, token)).toEqual({ ok: false, fault: 'no_wallet' });
    expect(await invoices()).toBe(0);
    await world.db.updateTable('wallets').set({ active: true }).execute();
    must(await use(id, token));
  });
});

describe('a link is closed', () => {
  test('where there is none', async () => {
    expect(await use('A'.repeat(22))).toEqual({ ok: false, fault: 'link_closed' });
    expect(await closeLink(world, 'A'.repeat(22))).toMatchObject({ ok: false });
  });

  test('when its time is over', async () => {
    const { id } = must(await make({ expiresAt: world.clock.now() + MINUTE }));
    must(await use(id));
    world.clock.advance(MINUTE);
    expect(await use(id)).toEqual({ ok: false, fault: 'link_closed' });
  });

  test('when it was paid as often as it may be; of those that come at once no more are let in', async () => {
    const { id } = must(await make({ maxUses: 2 }));
    await warm(world.db);
    const answers = await Promise.all(Array.from({ length: 8 }, () => use(id)));
    const pages = answers.flatMap(answer => (answer.ok ? [answer.value] : []));
    expect(pages).toHaveLength(2);
    expect(answers.flatMap(answer => (answer.ok ? [] : [answer.fault]))).toEqual(
      Array(6).fill('link_underway'),
    );
    // What ends unpaid makes room again.
    await put(world, await invoiceOf(pages[0]!), 'deadline_passed');
    const third = must(await use(id));
    for (const page of [pages[1]!, third])
      await put(world, await invoiceOf(page), 'confirmed_manually', seen);
    expect(await use(id)).toEqual({ ok: false, fault: 'link_paid' });
    expect((await listLinks(world.db, { merchantId: null, limit: 1 }))[0]?.paid).toBe(2);
  });
});

test('a link is not paid once more by who comes late; while nobody else may pay by it a late payment counts', async () => {
  await world.db.updateTable('merchants').set({ late_policy: 'accept' }).execute();
  const { id } = must(await make({ maxUses: 1 }));
  const first = (await invoiceById(world.db, (await invoiceOf(must(await use(id)))).id))!;
  const payLate = async () => {
    const txId = await pay(world, first, { time: first.expireAt + 3 * MINUTE });
    await match(world);
    return fateOf(world, txId);
  };
  await put(world, first, 'deadline_passed');
  const other = await invoiceOf(must(await use(id)));
  expect(await payLate()).toEqual(['unmatched', 'after_deadline', first.id]);
  await put(world, other, 'deadline_passed');
  expect(await payLate()).toEqual(['matched', null, first.id]);
  expect(await use(id)).toEqual({ ok: false, fault: 'link_underway' });
});

describe('a link is busy', () => {
  /** So many uses of a link whose invoices are open. */
  async function pretend(linkId: string, count: number): Promise<void> {
    const commands = Array.from({ length: count }, (_, n) =>
      asked(world, merchant, { amount: `${1000 + n}` }),
    );
    const made = (await createInvoices(world, commands)).map(must);
    const created_at = new Date(world.clock.now());
    const uses = made.map(({ id }) => ({ link_id: linkId, token: newToken(), invoice_id: id, created_at }));
    await world.db.insertInto('payment_link_uses').values(uses).execute();
  }

  async function endAll(): Promise<void> {
    const open = await world.db.selectFrom('invoices').select('id').where('status', '=', 'new').execute();
    for (const invoice of open) await put(world, invoice, 'deadline_passed');
  }

  test('with too many open, until one ends; another link is not', async () => {
    const { id } = must(await make());
    await pretend(id, MOST_OPEN);
    expect(await use(id)).toEqual({ ok: false, fault: 'link_busy' });
    must(await use(must(await make()).id));
    const [first] = await world.db.selectFrom('payment_link_uses').select('invoice_id').limit(1).execute();
    await put(world, { id: first!.invoice_id }, 'cancelled');
    must(await use(id));
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('with too many amounts held by what ended unpaid, until they are free', async () => {
    const { id } = must(await make());
    await pretend(id, MOST_HOLDING);
    await endAll();
    expect(await use(id)).toEqual({ ok: false, fault: 'link_busy' });
    world.clock.advance(25 * HOUR);
    await readTo(world, 'TRC-20', { height: 200 });
    must(await use(id));
  });
});
