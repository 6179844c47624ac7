/** Stories of amounts that are paid in parts. */
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
  works,
} from './chapters.ts';
import type { World } from './world.ts';

/** An open invoice whose shop takes parts. */
async function due(world: World): Promise<Asked | null> {
  const takers = world.merchants.filter(({ accepts }) => accepts.remainder).map(({ id }) => id);
  return takers.length === 0
    ? null
    : oneOf(
        world,
        `status = 'new' and merchant_id in (${takers}) and expire_at > '${new Date(world.now).toISOString()}'`,
      );
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
  const invoice = await due(world);
  if (!invoice) return [];
  const [before] = await world.admin.rows<Asked>(
    `select network, asset, address_key, final_units from replaced_methods where invoice_id = $1 order by network, asset limit 1`,
    [invoice.id],
  );
  if (!before) return [];
  const earlier = { ...invoice, ...before };
  const codes = [...new Set([invoice.network, earlier.network])];
  const everywhere = (chapter: (code: Asked['network']) => Chapter) => codes.map(chapter);
  return [
    pays(earlier, undefined, share(earlier, 60)),
    pays(invoice, undefined, share(invoice, 60)),
    ...everywhere(code => mines(code)),
    ...everywhere(code => reads(code)),
    ...everywhere(code => mines(code, { blocks: 4 })),
    ...everywhere(code => reads(code, 'settle')),
  ];
};

export const partStories = { partLost, partThenWhole, partLate, partsInTwoPlaces };
