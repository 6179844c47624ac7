import { expect, test } from 'vitest';
import { makeInvoice, makeShop } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { cancelInvoice } from '../commands/cancel-invoice.ts';
import { listDeliveries } from './webhook-log.ts';

const world = useWorld();

test('deliveries are listed once and newest first, however few merchants a page looks at', async () => {
  const shops = [await makeShop(world), await makeShop(world), await makeShop(world)];
  const expected: number[] = [];
  for (const n of [0, 1, 1, 0, 2, 1, 2]) {
    const { merchant } = shops[n]!;
    const { id } = await makeInvoice(world, merchant);
    await cancelInvoice(world, { merchantId: merchant.id, invoiceId: id });
    expected.unshift(id);
  }
  const merchantIds = shops.map(({ merchant }) => merchant.id);
  for (const most of [1, 2, 64]) {
    const found: number[] = [];
    for (let before: number | null = null; ; ) {
      const query = { merchantIds, state: null, type: null, before, limit: 2 };
      const { deliveries, next } = await listDeliveries(world.db, query, most);
      expect(deliveries.length).toBeLessThanOrEqual(2);
      found.push(...deliveries.map(({ invoice_id }) => invoice_id));
      if (next === null) break;
      before = next;
    }
    expect(found).toEqual(expected);
  }
});
