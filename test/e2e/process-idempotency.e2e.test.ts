/**
 * kill -9 of the whole program while shops create with idempotency keys: each asks again with its key and body after the
 * new start, and is told of one invoice, never that its own reference is taken.
 */
import { type CreatedInvoice, CryptoScan } from '@cryptoscan/sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  type DevLine,
  type Home,
  openHome,
  type Program,
  patience,
  startDev,
  withDatabase,
} from '../process.ts';

let home: Home;
let dev: { program: Program; line: DevLine };

beforeAll(async () => {
  home = await openHome();
  dev = await startDev(home, 'data');
}, 300_000);

afterAll(async () => {
  await dev?.program.kill();
  await home?.close();
});

function client(): CryptoScan {
  const { public_key: publicKey, private_key: privateKey, auth } = dev.line.merchants[0]!;
  return new CryptoScan({ baseUrl: dev.line.base_url, publicKey, privateKey, auth });
}

test('a create that was cut off is finished by asking again', async () => {
  const asked = (round: number, n: number) => ({ amount: '15', client_reference_id: `${round} ${n}` });
  const keyOf = (round: number, n: number) => ({ idempotencyKey: `key ${round} ${n}` });
  const answered = new Map<string, CreatedInvoice>();
  const rounds = [0, 1, 2];
  const each = Array.from({ length: 60 }, (_, n) => n);
  for (const round of rounds) {
    const shop = client();
    let first = 0;
    const creating = each.map(async n => {
      const invoice = await shop.createInvoice(asked(round, n), keyOf(round, n)).catch(() => null);
      if (invoice) answered.set(`${round} ${n}`, invoice);
      first++;
    });
    // In the middle of it: some are answered, others are under way.
    await vi.waitUntil(() => first > round * 10, patience);
    await dev.program.kill();
    await Promise.all(creating);
    dev = await startDev(home, 'data');
    const again = client();
    for (const n of each) {
      const invoice = await vi.waitUntil(
        () =>
          again.createInvoice(asked(round, n), keyOf(round, n)).catch(error => {
            if (error.status === 400) throw error;
            return null;
          }),
        patience,
      );
      const before = answered.get(`${round} ${n}`);
      if (before) expect(invoice).toEqual(before);
    }
  }
  const rows = await withDatabase(home, 'data', db =>
    db
      .selectFrom('invoices')
      .select('client_reference_id')
      .where('client_reference_id', 'like', '% %')
      .execute(),
  );
  const references = rounds.flatMap(round => each.map(n => `${round} ${n}`));
  expect(
    rows
      .map(row => row.client_reference_id)
      .filter(reference => /^\d+ \d+$/.test(reference))
      .sort(),
  ).toEqual(references.sort());
}, 300_000);
