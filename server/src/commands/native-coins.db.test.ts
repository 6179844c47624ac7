/** Invoices in coins with a price of their own. */
import { describe, expect, test } from 'vitest';
import { decimal, makeMerchant, makeWallet, must, price, readTo } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { finalAmount, type Invoice, requestedAmount } from '../domain/invoice.ts';
import { formatAmount, formatDecimal } from '../domain/money.ts';
import { findViolations } from '../store/invariants.ts';
import { findInvoice } from '../store/invoices.ts';
import { replacedMethods } from '../store/replaced-methods.ts';
import { chooseMethod } from './choose-method.ts';
import { createInvoices } from './create-invoice.ts';

const world = useWorld();

/** A price of 100 dollars, where a dollar is 0.00041 ETH or 3.7 TRX. */
async function make(way: 'ETH' | null) {
  world.coinRateOf = coin => decimal(coin === 'ETH' ? '0.00041' : '3.7');
  const merchant = await makeMerchant(world);
  await makeWallet(world, merchant, { network: 'ERC-20', asset: 'ETH', digits: 7 });
  await makeWallet(world, merchant, { network: 'TRC-20', asset: 'TRX' });
  await readTo(world, 'ERC-20', { height: 100 });
  await readTo(world, 'TRC-20', { height: 100 });
  const rate = must(world.coinRate('ETH', 0));
  const [made] = await createInvoices(world, [
    {
      merchant,
      requested: price('100'),
      source: null,
      clientReferenceId: `order ${world.next()}`,
      metadata: null,
      method: way && { network: 'ERC-20', asset: way },
      rate: way && rate,
      page: way
        ? null
        : { id: world.chance.uuid(), description: null, backUrl: null, cancelUrl: null, lang: null },
    },
  ]);
  return { merchant, invoice: must(made!) };
}

const amounts = (invoice: Invoice) => [
  formatDecimal(requestedAmount(invoice)),
  formatAmount(finalAmount(invoice)),
];

describe('an invoice in a native coin', () => {
  test('asks for its price at the rate of that moment, which is kept with it', async () => {
    const { merchant, invoice } = await make('ETH');
    const kept = (await findInvoice(world.db, merchant.id, invoice.id))!;
    expect(kept).toEqual(invoice);
    expect(kept.method?.rate).toEqual({ perUsd: decimal('0.00041'), origin: '{}' });
    const [requested, final] = amounts(kept);
    expect(requested).toBe('0.04100000');
    expect(final).toMatch(/^0\.0410[0-9]{1,3}$/);
    expect(Number(final)).toBeGreaterThan(0.041);
    world.coinRateOf = () => decimal('0.0005');
    expect(amounts((await findInvoice(world.db, merchant.id, invoice.id))!)).toEqual([requested, final]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is quoted when the payer chooses, each choice by its own rate, and back as it was', async () => {
    const { merchant, invoice } = await make(null);
    const pageId = invoice.page!.id;
    expect(amounts(invoice)).toEqual(['100.00000000', '100.00']);
    const eth = { network: 'ERC-20', asset: 'ETH' } as const;
    const trx = { network: 'TRC-20', asset: 'TRX' } as const;
    const first = must(await chooseMethod(world, { pageId, from: null, method: eth }));
    const second = must(await chooseMethod(world, { pageId, from: eth, method: trx }));
    expect(formatDecimal(requestedAmount(second))).toBe('370.00000000');
    const kept = (await replacedMethods(world.db, [invoice.id])).get(invoice.id);
    expect(kept).toEqual([first.method]);
    world.coinRateOf = () => decimal('1');
    const back = must(await chooseMethod(world, { pageId, from: trx, method: eth }));
    expect(amounts(back)).toEqual(amounts(first));
    expect((await findInvoice(world.db, merchant.id, invoice.id))?.method).toEqual(first.method);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('cannot be had while nobody knows what the coin costs', async () => {
    const { invoice } = await make(null);
    world.coinRateOf = () => null;
    const method = { network: 'ERC-20', asset: 'ETH' } as const;
    const answer = await chooseMethod(world, { pageId: invoice.page!.id, from: null, method });
    expect(answer).toEqual({ ok: false, fault: 'no_rate' });
  });
});
