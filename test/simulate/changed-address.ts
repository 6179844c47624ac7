/** Somebody who can write to the database puts an address of their own into it; later it is put right again. */

import type { NetworkCode } from '../../server/src/domain/asset.ts';
import type { Invoice } from '../../server/src/domain/invoice.ts';
import { address, keyOn } from './setup.ts';
import type { Swapped, World } from './world.ts';

const THIEF = 0xbad;

export const isThief = (key: string): boolean => key.endsWith(address(THIEF));

/** No payer is ever told to pay the thief. */
export function refuseThief({ id, method }: Invoice): void {
  if (method && isThief(method.addressKey))
    throw new Error(`invoice ${id} asks for money at an address that nobody registered`);
}

type Row = { id: number; address: string; key: string; network: NetworkCode };

/** An invoice's own address is changed while it is being paid: it waits then, and for nothing but the address. */
const ROWS: Record<Swapped['table'], string> = {
  wallets: 'select id, address, address_key as key, network from wallets order by id',
  invoices: `select id, address, address_key as key, network from invoices
    where status = 'confirming' and page_id is null order by id desc limit 4`,
};

export async function swapAddress(world: World): Promise<string> {
  if (world.swapped) return restoreAddress(world);
  const rows = {
    wallets: await world.admin.rows<Row>(ROWS.wallets),
    invoices: await world.admin.rows<Row>(ROWS.invoices),
  };
  const table = rows.invoices.length > 0 && world.focused.happens(0.6) ? 'invoices' : 'wallets';
  const { id, address: was, key, network } = world.focused.pick(rows[table]);
  await change(world, { table, id, address: was, key }, network);
  // What is sent there is read while another wallet has the address, too, or an open invoice asks for it.
  const others = rows.wallets.filter(other => other.key === key && other.id !== id);
  if (table === 'wallets' && others.length === 0) world.everSwapped.add(`${network} ${key}`);
  return `the address of ${table} ${id} is another one`;
}

/** The address of an invoice that still waits for money, unless another one is changed already. */
export async function swapInvoice(world: World, id: number): Promise<string> {
  const [row] = await world.admin.rows<Row>(
    `select id, address, address_key as key, network from invoices
      where id = $1 and page_id is null and status in ('new', 'confirming')`,
    [id],
  );
  if (!row || world.swapped) return 'not now';
  await change(world, { table: 'invoices', id, address: row.address, key: row.key }, row.network);
  return `the address of invoices ${id} is another one`;
}

async function change(world: World, was: Swapped, network: NetworkCode): Promise<void> {
  const own = keyOn(network, address(THIEF));
  await put(world, { ...was, address: own, key: own });
  world.swapped = was;
  world.reach(`address changed in ${was.table}`);
}

/** Whether nobody else holds there what a row of these holds at the other address. */
const isFree = `not exists (select from reservations o where (o.network, o.asset, o.units) = (r.network, r.asset, r.units) and o.address_key = $2)`;

/** The rests that an invoice ($1) has asked for meanwhile are held where it asks for the whole ($2), or not at all. */
const REPAIRS = [
  `delete from remainders m using reservations r where m.invoice_id = $1 and m.address_key <> $2
    and (r.network, r.address_key, r.asset, r.units) = (m.network, m.address_key, m.asset, m.units) and not ${isFree}`,
  `delete from reservations r where r.invoice_id = $1 and r.address_key like '%${address(THIEF)}' and not ${isFree}`,
  `update reservations r set address_key = $2 where r.invoice_id = $1 and r.address_key like '%${address(THIEF)}'`,
  'update remainders set address_key = $2 where invoice_id = $1',
];

/** Somebody puts it right, with all that was written by it meanwhile. */
export async function restoreAddress(world: World): Promise<string> {
  const { swapped } = world;
  if (!swapped) return 'every address is as it was';
  world.swapped = null;
  await put(world, swapped);
  if (swapped.table === 'invoices') {
    for (const statement of REPAIRS) await world.admin.rows(statement, [swapped.id, swapped.key]);
    await world.admin.rows(
      `update reservations r set held_until = i.ended_at + interval '2 hours' from invoices i
        where i.id = r.invoice_id and i.id = $1 and i.ended_at is not null and r.held_until is null`,
      [swapped.id],
    );
  }
  return `the address of ${swapped.table} ${swapped.id} is put right`;
}

type Put = Pick<Swapped, 'table' | 'id' | 'address' | 'key'>;

async function put(world: World, { table, id, address: text, key }: Put): Promise<void> {
  await world.admin.rows(`update ${table} set address = $2, address_key = $3 where id = $1`, [id, text, key]);
}

/** What an address that was changed breaks by itself, whatever the program does. */
const ITS_OWN = [
  "an invoice's address is that of its wallet",
  'an open invoice holds exactly the amounts it asked for, without an end',
  'an invoice is asked in what is being paid',
  'what is asked for the rest is enough, and less than the whole',
  'an ended invoice holds its amounts until their holds are over, or a later invoice has taken them after that',
];

export const isItsOwn = (world: World, violation: string): boolean =>
  world.swapped !== null && ITS_OWN.some(name => violation.endsWith(name));

/** An invoice that asks for money at an address that nobody registered is settled by nothing that was sent. */
export async function checkChanged({ swapped, admin }: World): Promise<string[]> {
  if (swapped?.table !== 'invoices') return [];
  const paid = await admin.rows(`select from invoices where id = $1 and status = 'completed'`, [swapped.id]);
  return paid.length > 0 ? [`invoice ${swapped.id} was settled although its address had been changed`] : [];
}
