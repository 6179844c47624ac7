/**
 * The list of invoices narrowed by each filter alone and by several, among the 1,000,000 invoices of search.ts. A page of
 * 50, from the first statement sent to the last row read. Baseline: the plain first page, in the same run.
 */
import { parsePrice } from '../../server/src/domain/money.ts';
import type { Db } from '../../server/src/store/db.ts';
import type { InvoiceFilter } from '../../server/src/store/invoice-filter.ts';
import { listInvoices } from '../../server/src/store/list-invoices.ts';
import { onGround, percentile, ratio } from './ground.ts';
import { fillWithInvoices, LARGE } from './search.ts';

const ASKED = 100;
const PAGE = 50;

export async function benchList(): Promise<void> {
  await onGround(async ground => {
    await fillWithInvoices(ground);
    const plain = await timed(ground.db, asked(narrowed));
    console.log(`${'nothing: the plain first page'.padEnd(52)} ${plain.shown}`);
    for (const [name, query] of Object.entries(queries)) {
      const { p50, shown } = await timed(ground.db, query);
      console.log(`${name.padEnd(52)} ${shown} (${ratio(p50, plain.p50)} of the plain page)`);
    }
  });
}

type Asked = { filter: InvoiceFilter; before: number | null };

const narrowed: InvoiceFilter = {
  merchantIds: [LARGE],
  statuses: [],
  exception: null,
  network: null,
  asset: null,
  createdFrom: null,
  createdTo: null,
  amountFrom: null,
  amountTo: null,
  text: null,
};

const asked = (filter: Partial<InvoiceFilter>, before: number | null = null) => ({
  filter: { ...narrowed, ...filter },
  before,
});

const price = (text: string) => {
  const parsed = parsePrice(text);
  return parsed.ok ? parsed.value : null;
};

const everybody = Array.from({ length: 51 }, (_, index) => index + 1);
const summer = { createdFrom: Date.UTC(2024, 5, 1), createdTo: Date.UTC(2024, 5, 8) };

const queries: Record<string, Asked> = {
  'nothing, 400,000 invoices further back': asked({}, 100_000),
  'a status that 300,000 have': asked({ statuses: ['expired'] }),
  'a status that nobody has': asked({ statuses: ['cancelled'] }),
  'all three ends together': asked({ statuses: ['expired', 'completed', 'cancelled'] }),
  'a network that all have': asked({ network: 'ERC-20' }),
  'a network that nobody has': asked({ network: 'BASE' }),
  'a coin on a network': asked({ network: 'ERC-20', asset: 'USDT' }),
  'an exception': asked({ exception: 'any' }),
  'a week, a year back': asked(summer),
  'a week and a status': asked({ ...summer, statuses: ['completed'] }),
  'an amount that all have': asked({ amountFrom: price('10'), amountTo: price('10') }),
  'an amount that nobody has': asked({ amountFrom: price('11'), amountTo: price('12') }),
  'a text that all begin with': asked({ text: 'order-' }),
  'a text and a status': asked({ text: 'order-', statuses: ['completed'] }),
  'a status, a coin, an amount and a week': asked({
    ...summer,
    statuses: ['completed'],
    network: 'ERC-20',
    asset: 'USDT',
    amountFrom: price('10'),
  }),
  'a coin, and a status that nobody has': asked({
    network: 'ERC-20',
    asset: 'USDT',
    statuses: ['cancelled'],
  }),
  'nothing, of 51 merchants': asked({ merchantIds: everybody }),
  'a status, of 51 merchants': asked({ merchantIds: everybody, statuses: ['completed'] }),
  'a text, of 51 merchants': asked({ merchantIds: everybody, text: 'order-77' }),
};

async function timed(db: Db, { filter, before }: Asked) {
  const times: number[] = [];
  let found = 0;
  for (let n = 0; n < ASKED; n++) {
    const begun = performance.now();
    const page = await listInvoices(db, { filter, before, limit: PAGE });
    times.push(performance.now() - begun);
    found = page.invoices.length;
  }
  const p50 = percentile(times, 0.5);
  const p99 = percentile(times, 0.99);
  return { p50, shown: `${String(found).padStart(2)} found; p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms` };
}
