/** Stories of transactions that people name for invoices by hand. */
import {
  type Asked,
  type Chapter,
  forksBelow,
  mines,
  oneOf,
  pays,
  reads,
  type Story,
  settles,
} from './chapters.ts';
import { confirmBy } from './people.ts';

/** One transaction is named for two invoices: one that nobody asked for, or that was never sent. */
const namedTwice: Story = async world => {
  const one = await oneOf(world, `status in ('new', 'expired')`);
  const other =
    one &&
    (await oneOf(world, `status in ('new', 'expired') and id <> ${one.id} and network = '${one.network}'`));
  if (!one || !other) return [];
  const { network: code } = one;
  const units = BigInt(one.final_units) - BigInt(world.focused.pick([1, 400, 5_000_001]));
  let sent = (0xfb0 + world.focused.below(9)).toString(16).padStart(64, '0');
  if (code !== 'TRC-20') sent = `0x${sent}`;
  const names =
    (invoice: Asked): Chapter =>
    (at, server) =>
      confirmBy(at, server, invoice, sent);
  const pay = [pays(one, id => (sent = id), units), mines(code), reads(code)];
  return [...(world.focused.happens(0.6) ? pay : []), names(one), names(other)];
};

/**
 * A payer has sent, and shows the shop the transaction before it is in any block, or once it counts; the shop confirms at once, at times
 * for another order, too.
 */
const namedEarly: Story = async world => {
  const due = await oneOf(world, `status in ('new', 'expired')`);
  if (!due) return [];
  const { network: code, id } = due;
  const other = await oneOf(world, `status in ('new', 'expired') and id <> ${id} and network = '${code}'`);
  const units = BigInt(due.final_units) - BigInt(world.focused.pick([0, 0, 0, 1, 5_000_001]));
  let sent = '';
  const names =
    (invoice: Asked): Chapter =>
    (at, server) =>
      confirmBy(at, server, invoice, sent);
  const comesLater = world.focused.happens(0.7);
  return [
    pays(due, txId => (sent = txId), units),
    ...(comesLater ? [names(due), mines(code)] : [mines(code), reads(code), names(due)]),
    ...(other && world.focused.happens(0.4) ? [names(other)] : []),
    reads(code),
    ...(world.focused.happens(0.4)
      ? [forksBelow(code, () => sent, world.focused.happens(0.7)), mines(code, { blocks: 2 })]
      : []),
    mines(code, { blocks: 3 }),
    settles(code),
    ...(world.focused.happens(0.3) ? [names(due)] : []),
  ];
};

export const namingStories = { namedTwice, namedEarly };
