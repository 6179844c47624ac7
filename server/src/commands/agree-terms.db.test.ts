import { beforeEach, describe, expect, test } from 'vitest';
import { asked, makeInvoice, makeShop, makeUser, must, type TestMerchant } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { NO_TERMS } from '../domain/commission.ts';
import { formatNumber } from '../domain/money.ts';
import { adjustBalance } from './adjust-balance.ts';
import { changeUser } from './change-user.ts';
import { createInvoices } from './create-invoice.ts';

const world = useWorld();
let userId: number;
let merchant: TestMerchant;

beforeEach(async () => {
  world.terms = { ...NO_TERMS, percent: { units: 1n, scale: 0 }, refuseBelow: 0n };
  userId = await makeUser(world);
  ({ merchant } = await makeShop(world, { merchant: { userId } }));
});

const owe = (amount: string) => adjustBalance(world, userId, { amount, memo: 'a test' });
const PAGE = { description: null, backUrl: null, cancelUrl: null, lang: null };

describe('a new invoice', () => {
  test('is made at the percent of its user, or else of the operator', async () => {
    const byDefault = await makeInvoice(world, merchant);
    must(await changeUser(world, userId, { commission: '0.25' }));
    const own = await makeInvoice(world, merchant);
    expect([byDefault, own].map(({ commissionPercent }) => formatNumber(commissionPercent))).toEqual([
      '1',
      '0.25',
    ]);
    const rows = await world.db.selectFrom('invoices').select('commission').orderBy('id').execute();
    expect(rows.map(({ commission }) => commission)).toEqual(['0.10000000', '0.02500000']);
  });

  test.each([
    ['with a coin', {}],
    [
      'whose payer is to choose',
      { method: null, page: { ...PAGE, id: '5e4c1b0e-95a4-4a2b-9b54-3f3a3ad6f0f1' } },
    ],
  ])(
    '%s is refused while the balance is below the limit, and the others of its batch are made',
    async (_, given) => {
      await owe('-3.20');
      const other = await makeShop(world);
      const answers = await createInvoices(world, [
        asked(world, merchant, given),
        asked(world, other.merchant),
        asked(world, merchant, { topUpUserId: userId }),
      ]);
      expect(answers[0]).toEqual({ ok: false, fault: 'balance_low', balance: -320_000_000n });
      expect(answers.slice(1).map(({ ok }) => ok)).toEqual([true, true]);
      expect(await world.db.selectFrom('reservations').selectAll().execute()).toHaveLength(2);
      must(await owe('3.20'));
      must((await createInvoices(world, [asked(world, merchant)]))[0]!);
    },
  );

  test('that costs nothing is made whatever the balance is', async () => {
    await owe('-3.20');
    must(await changeUser(world, userId, { commission: '0' }));
    must((await createInvoices(world, [asked(world, merchant)]))[0]!);
  });

  test('under a reference that is taken says so first', async () => {
    const { clientReferenceId } = await makeInvoice(world, merchant);
    await owe('-3.20');
    const [answer] = await createInvoices(world, [asked(world, merchant, { clientReferenceId })]);
    expect(answer).toEqual({ ok: false, fault: 'reference_taken' });
  });
});
