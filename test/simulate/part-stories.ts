/** Stories of amounts that are paid in parts. */
import { create } from './actions.ts';
import { restoreAddress, swapInvoice } from './changed-address.ts';
import {
  type Asked,
  type Chapter,
  forksBelow,
  GRACE,
  mines,
  oneOf,
  pays,
  reads,
  type Story,
  settles,
  works,
} from './chapters.ts';
import { forges } from './lies.ts';
import { chooses, openPages, placesOf } from './page-stories.ts';
import { giveTransaction } from './pay-part.ts';
import type { World } from './world.ts';

export const isTaker = ({ merchants }: World, merchantId: number) =>
  merchants.some(({ id, accepts }) => id === merchantId && accepts.remainder);

/** Nobody else holds an amount for which most of its own could be meant. */
const IS_ALONE = `not exists (select from reservations r where r.invoice_id <> i.id and r.network = i.network
  and r.asset = i.asset and r.address_key = i.address_key and abs(r.units - i.final_units) < 0.85 * i.final_units)`;

/** An open invoice whose shop takes parts, where there is one that a part can be meant for. */
async function due(world: World): Promise<Asked | null> {
  const takers = world.merchants.map(({ id }) => id).filter(id => isTaker(world, id));
  if (takers.length === 0) return null;
  const open = `status = 'new' and merchant_id in (${takers}) and expire_at > '${new Date(world.now).toISOString()}'`;
  return (await oneOf(world, `${open} and ${IS_ALONE}`)) ?? oneOf(world, open);
}

const share = ({ final_units }: Asked, percent: number) => (BigInt(final_units) * BigInt(percent)) / 100n;

/** Pays what an invoice asks for the rest by now, or that much where it asks for none. */
const paysRest =
  (invoice: Asked, other: bigint, note: (txId: string) => void = () => undefined): Chapter =>
  async (world, server) => {
    const [rest] = await world.admin.rows<{ units: string }>(
      `select units from remainders where invoice_id = $1 and network = $2 and asset = $3 order by asked_at desc, received desc limit 1`,
      [invoice.id, invoice.network, invoice.asset],
    );
    return pays(invoice, note, rest ? BigInt(rest.units) : other)(world, server);
  };

/** A part and the rest in two blocks, of which the second is undone; the rest comes back or not. */
const partLost: Story = async world => {
  const invoice = await due(world);
  if (!invoice) return [];
  const { network: code } = invoice;
  const percent = world.focused.pick([30, 50, 70]);
  const ids = { part: '', rest: '' };
  const lost = world.focused.pick(['part', 'rest', 'rest'] as const);
  return [
    pays(invoice, id => (ids.part = id), share(invoice, percent)),
    mines(code),
    reads(code),
    paysRest(invoice, share(invoice, 100 - percent), id => (ids.rest = id)),
    mines(code),
    reads(code),
    forksBelow(code, () => ids[lost], world.focused.happens(0.5)),
    mines(code, { blocks: 2 }),
    reads(code, 'settle', 'match'),
    mines(code, { blocks: 3 }),
    reads(code, 'settle'),
  ];
};

/** A part, and then somebody pays the whole all the same. */
const partThenWhole: Story = async world => {
  const invoice = await due(world);
  if (!invoice) return [];
  const { network: code } = invoice;
  return [
    pays(invoice, undefined, share(invoice, world.focused.pick([5, 30, 60]))),
    mines(code),
    reads(code),
    pays(invoice),
    mines(code),
    reads(code, 'settle'),
  ];
};

/** The rest comes after the deadline. */
const partLate: Story = async world => {
  const invoice = await due(world);
  if (!invoice) return [];
  const { network: code, expire_at } = invoice;
  return [
    pays(invoice, undefined, share(invoice, 60)),
    mines(code),
    reads(code),
    mines(code, { at: expire_at + GRACE + world.focused.between(1, 300) * 1000 }),
    works(`watch ${code}`, 'expire'),
    paysRest(invoice, share(invoice, 40)),
    mines(code),
    reads(code),
    mines(code, { blocks: 4 }),
    reads(code, 'settle'),
  ];
};

/** A part of what was asked before the coin was changed, and one of what is asked now. */
const partsInTwoPlaces: Story = async world => {
  const page = (await openPages(world)).find(({ merchant_id }) => isTaker(world, merchant_id));
  const [first, other] = world.focused.shuffled(placesOf(world));
  if (!page || !first || !other) return [];
  const pay: Chapter = async here => {
    here.story.unshift(...(await paysBoth(here, page.id)));
    return `parts of invoice ${page.id} in two places`;
  };
  return [chooses(page, first), chooses(page, other), pay];
};

async function paysBoth(world: World, id: number): Promise<Chapter[]> {
  const invoice = await oneOf(world, `status = 'new' and i.id = ${id}`);
  const [before] = await world.admin.rows<Asked>(
    'select network, asset, address_key, final_units from replaced_methods where invoice_id = $1 order by method_at desc limit 1',
    [id],
  );
  if (!invoice || !before) return [];
  const earlier = { ...invoice, ...before };
  const codes = [...new Set([invoice.network, earlier.network])];
  const everywhere = (chapter: (code: Asked['network']) => Chapter) => codes.map(chapter);
  return [
    pays(earlier, undefined, share(earlier, 60)),
    pays(invoice, undefined, share(invoice, 60)),
    ...everywhere(code => mines(code)),
    ...everywhere(code => reads(code)),
    ...everywhere(code => mines(code, { blocks: 4 })),
    ...everywhere(settles),
  ];
}

/** A part of one invoice is given to another one as well. */
const partOfTwo: Story = async world => {
  const invoice = await due(world);
  if (!invoice) return [];
  const { network: code, asset, address_key } = invoice;
  const part = share(invoice, world.focused.pick([40, 70]));
  const place = `network = '${code}' and asset = '${asset}' and address_key = '${address_key}'`;
  const gives: Chapter = async (here, server) => {
    const other = await oneOf(
      here,
      `status = 'new' and i.id <> ${invoice.id} and ${place} and final_units > ${part}`,
    );
    return other ? giveTransaction(here, server, txId, other.id) : 'nobody to give it to';
  };
  let txId = '';
  return [
    pays(invoice, id => (txId = id), part),
    mines(code),
    reads(code),
    (here, server) => create(here, server, { merchantId: invoice.merchant_id, network: code, asset }),
    gives,
  ];
};

/** A payer sends a part, and one provider shows the rest, which nobody has sent: where all of it is large, two must show it. */
const forgedRest: Story = async world => {
  const invoice = await due(world);
  if (!invoice) return [];
  const { network: code } = invoice;
  return [
    pays(invoice, undefined, share(invoice, world.focused.pick([70, 85]))),
    mines(code),
    reads(code),
    forges('forge part', code, invoice.id),
    mines(code, { blocks: 4 }),
    settles(code),
  ];
};

/** Somebody changes the address of an invoice in the database between a part of it and the rest, and later puts it right. */
const partUnderSwap: Story = async world => {
  const invoice = await due(world);
  if (!invoice) return [];
  const { network: code } = invoice;
  return [
    pays(invoice, undefined, share(invoice, 50)),
    mines(code),
    reads(code),
    here => swapInvoice(here, invoice.id),
    paysRest(invoice, share(invoice, 50)),
    mines(code),
    reads(code),
    mines(code, { blocks: 4 }),
    settles(code),
    restoreAddress,
    settles(code),
  ];
};

/**
 * What was there before a rest was asked for, and is as much if its tail is guessed: a part somewhat larger than half, at which nobody
 * looks for a while, or dust that a person makes a part of it after another one.
 */
const partLikeRest: Story = async world => {
  const invoice = await due(world);
  const [wallet] = await world.admin.rows<{ digits: number; max_tail: number; decimals: number }>(
    `select w.digits, w.max_tail, i.final_decimals as decimals from invoices i join wallets w on w.id = i.wallet_id where i.id = $1`,
    [invoice?.id ?? 0],
  );
  if (!invoice || !wallet) return [];
  const { network: code } = invoice;
  const whole = BigInt(invoice.final_units);
  const step = 10n ** BigInt(wallet.decimals - wallet.digits);
  const tail = BigInt(world.focused.between(1, Math.min(wallet.max_tail, 3)));
  const isDust = world.focused.happens(0.6);
  const dust = (whole / 20n / step) * step;
  const half = ((whole / step + tail + 1n) / 2n) * step;
  const later: Chapter = (here, server) => mines(code, { at: here.now + GRACE + 30_000 })(here, server);
  let sent = '';
  return [
    pays(invoice, id => (sent = id), isDust ? dust : half),
    mines(code),
    isDust ? reads(code) : works(`watch ${code}`),
    later,
    ...(isDust ? [pays(invoice, undefined, whole - dust + tail * step), mines(code)] : []),
    reads(code),
    (here, server) => (isDust ? giveTransaction(here, server, sent, invoice.id) : 'as it is'),
    works('settle', 'match'),
    mines(code, { blocks: 4 }),
    settles(code),
  ];
};

export const partStories = {
  partLikeRest,
  partUnderSwap,
  forgedRest,
  partOfTwo,
  partLost,
  partThenWhole,
  partLate,
  partsInTwoPlaces,
};
