/** Stories of payments and of what people, shops and networks do about them. */
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import { create } from './actions.ts';
import {
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
import { givesBack } from './give-back.ts';
import { forges } from './lies.ts';
import { namingStories } from './naming-stories.ts';
import { retireOne, silenceFor } from './operator.ts';
import { cancelOne } from './people.ts';
import { hearAnswers, tick } from './stages.ts';

const HOUR = 3_600_000;

/** Paid in the very last moment, or a little before; then it may move to a block that is too late. */
const atTheBrink: Story = async world => {
  const open = `status = 'new' and expire_at > '${new Date(world.now - GRACE).toISOString()}'`;
  // Blocks are timed in whole seconds: only such a deadline can be met to the moment.
  const isWhole = `expire_at = date_trunc('second', expire_at)`;
  const due = (await oneOf(world, `${open} and ${isWhole}`)) ?? (await oneOf(world, open));
  if (!due) return [];
  const { network: code } = due;
  const last = due.expire_at + GRACE;
  const at = Math.floor(last / 1000) * 1000 - world.focused.pick([0, 0, 0, 1, 7]) * 1000;
  let sent = '';
  const moves = world.focused.happens(0.4);
  return [
    pays(due, id => (sent = id)),
    mines(code, { at }),
    reads(code),
    ...(moves
      ? [
          forksBelow(code, () => sent, true),
          mines(code, { blocks: 2, at: last + world.focused.between(1, 90) * 1000 }),
        ]
      : []),
    reads(code, 'settle', 'expire'),
  ];
};

/** Paid after it has expired, while the rate may move. */
const tooLate: Story = async world => {
  const due = await oneOf(world, `status = 'new'`);
  if (!due) return [];
  const { network: code } = due;
  const at = due.expire_at + GRACE + world.focused.between(1, 600) * 1000;
  return [
    mines(code, { at }),
    works(`watch ${code}`, 'expire'),
    pays(due),
    mines(code),
    reads(code, 'settle'),
  ];
};

/** Paid twice; the first payment is mined again, behind the second, and lost then. */
const secondFirst: Story = async world => {
  const due = await oneOf(world, `status = 'new' and expire_at > '${new Date(world.now).toISOString()}'`);
  if (!due) return [];
  const { network: code } = due;
  let first = '';
  return [
    pays(due, id => (first = id)),
    mines(code),
    reads(code),
    forksBelow(code, () => first, true),
    pays(due),
    mines(code, { left: () => [first] }),
    mines(code),
    reads(code),
    forksBelow(code, () => first, false),
    mines(code, { blocks: 2 }),
    reads(code, 'settle', 'match', 'settle'),
  ];
};

/** A little less, which counts; the chain takes it away, others order beside it meanwhile, and it comes back. */
const lessUnderFork: Story = async world => {
  const lenient = world.merchants.filter(({ accepts }) => accepts.under > 0n);
  const ids = lenient.map(({ id }) => id).join();
  const open = `status = 'new' and expire_at > '${new Date(world.now).toISOString()}'`;
  const due = ids === '' ? null : await oneOf(world, `${open} and merchant_id in (${ids})`);
  if (!due) return [];
  const { network, asset, merchant_id: merchantId, final_units } = due;
  const { under } = lenient.find(({ id }) => id === merchantId)?.accepts ?? { under: 0n };
  const orders: Chapter = (here, server) => create(here, server, { merchantId, network, asset });
  let sent = '';
  return [
    pays(due, id => (sent = id), BigInt(final_units) - (BigInt(final_units) * under) / 2_000_000n),
    mines(network),
    reads(network),
    forksBelow(network, () => sent, true),
    works('settle'),
    orders,
    orders,
    orders,
    mines(network, { blocks: 2 }),
    reads(network),
    mines(network, { blocks: 4 }),
    settles(network),
  ];
};

/** Paid twice; somebody sends the second payment back, and then the first is lost. */
const sentBack: Story = async world => {
  const due = await oneOf(world, `status = 'new' and expire_at > '${new Date(world.now).toISOString()}'`);
  if (!due) return [];
  const { network: code } = due;
  let [first, second] = ['', ''];
  return [
    pays(due, id => (first = id)),
    mines(code),
    reads(code),
    pays(due, id => (second = id)),
    mines(code),
    reads(code),
    givesBack(() => second),
    forksBelow(code, () => first, false),
    mines(code, { blocks: 3 }),
    reads(code),
    reads(code, 'settle'),
  ];
};

/** What was final is undone, and may be done again. Where nothing was paid yet, somebody pays first. */
const undone: Story = async world => {
  if (world.faults.deepReorg === 0) return [];
  const isSettled = `p.invoice_id = i.id and p.state = 'settled' and t.height is not null`;
  const paid = await oneOf(
    world,
    `status = 'completed' and exists (select from payments p join transfers t on t.id = p.transfer_id where ${isSettled})`,
  );
  const due = paid ? null : await oneOf(world, `status = 'new'`);
  const [own] = paid
    ? await world.admin.rows<{ tx_id: string; network: NetworkCode }>(
        `select t.tx_id, t.network from payments p join transfers t on t.id = p.transfer_id where p.invoice_id = $1 and p.state = 'settled'`,
        [paid.id],
      )
    : [];
  const code = own?.network ?? due?.network;
  if (!code) return [];
  let txId = own?.tx_id ?? '';
  const paysFirst = due
    ? [pays(due, id => (txId = id)), mines(code), reads(code), mines(code, { blocks: 4 }), settles(code)]
    : [];
  const blocks = world.focused.between(5, 9);
  return [
    ...paysFirst,
    forksBelow(code, () => txId, world.focused.happens(0.8)),
    mines(code, { blocks, left: () => [txId] }),
    settles(code),
    mines(code, { blocks: 2 }),
    settles(code),
  ];
};

/** Somebody gives up an invoice that is being paid. */
const givenUp: Story = async world => {
  const due = await oneOf(world, `status = 'new'`);
  if (!due) return [];
  const gives: Chapter = async (at, server) => {
    const now = await oneOf(at, `i.id = ${due.id}`);
    return now ? cancelOne(at, server, now) : 'nobody to give up';
  };
  return [pays(due), mines(due.network), reads(due.network), gives];
};

/** The coin was changed, and nothing is heard of the network that was asked on before, until after the deadline. */
const unheard: Story = async world => {
  const due = await oneOf(
    world,
    `status = 'new' and exists (select from replaced_methods m where m.invoice_id = i.id and m.network <> i.network)`,
  );
  if (!due) return [];
  const { network: code, expire_at } = due;
  const [other] = [...world.networks.keys()].filter(one => one !== code);
  if (!other) return [];
  const at = expire_at + GRACE + 5000;
  return [
    here => silenceFor(here, other, Math.max(0, at - here.now) + HOUR),
    mines(code, { at }),
    works(`watch ${code}`, 'expire'),
  ];
};

/** A network is given up while an invoice waits on it, which ends unseen; later it is taken back into use. */
const givenUpNetwork: Story = async world => {
  const due = await oneOf(world, `status = 'new'`);
  if (!due) return [];
  const { network: code, expire_at } = due;
  const ends = expire_at + GRACE + 5000;
  const passes: Chapter = here => {
    here.now = Math.max(here.now, ends);
    return 'nobody looks until the deadline is over';
  };
  return [
    here => silenceFor(here, code, Math.max(0, ends - here.now) + HOUR / 4),
    (here, server) => retireOne(here, server, { code, isBack: false }),
    passes,
    works('expire'),
    (here, server) => retireOne(here, server, { code, isBack: true }),
  ];
};

/** One provider shows a payment that nobody has made. */
const invented: Story = async world => {
  const due = await oneOf(world, `status = 'new'`);
  if (!due) return [];
  const { network: code, id } = due;
  return [forges('forge', code, id), mines(code), reads(code), mines(code, { blocks: 3 }), settles(code)];
};

/** A process hears nothing from a shop for so long that another one sends the same again; then both hear from it. */
const twoSenders: Story = async world => {
  const due = await oneOf(world, `status = 'new'`);
  const [one, other] = world.focused.happens(0.5) ? [0, 1] : [1, 0];
  const sends =
    (index: number): Chapter =>
    async here => {
      const server = here.servers[index];
      if (!server) return 'no such process';
      here.shop.holdAnswers(server.node);
      return `node ${index} sends ${await tick(here, server, 'dispatch')}`;
    };
  const hears =
    (index: number): Chapter =>
    async here => {
      const server = here.servers[index];
      if (server) await hearAnswers(here, server);
      return `node ${index} hears the answers`;
    };
  const gives: Chapter = (here, server) => (due ? cancelOne(here, server, due) : 'nobody to give up');
  const passes: Chapter = here => {
    here.now += here.focused.between(61, 75) * 1000;
    return 'a lease runs out';
  };
  return [gives, sends(one), passes, sends(other), hears(one), sends(one), hears(other), hears(one)];
};

export const otherStories = {
  atTheBrink,
  tooLate,
  secondFirst,
  lessUnderFork,
  sentBack,
  undone,
  ...namingStories,
  givenUp,
  unheard,
  givenUpNetwork,
  invented,
  twoSenders,
};
