/** What people do with invoices in a history: choose how to pay, give one up, or name the transaction that paid it. */

import { cancelInvoice } from '../../server/src/commands/cancel-invoice.ts';
import { type ChooseMethod, chooseMethod } from '../../server/src/commands/choose-method.ts';
import { confirmManually } from '../../server/src/commands/confirm-manually.ts';
import type { AssetCode, NetworkCode } from '../../server/src/domain/asset.ts';
import type { Invoice } from '../../server/src/domain/invoice.ts';
import { lookUp } from '../../server/src/flow/look-up.ts';
import { refuseThief } from './changed-address.ts';
import { askedText } from './facts.ts';
import { type Server, vault, type World } from './world.ts';

const NEVER = new AbortController().signal;

export type Known = {
  id: number;
  merchant_id: number;
  network: NetworkCode | null;
  address_key: string | null;
  status: string;
  exception: string | null;
};

async function anInvoice(world: World): Promise<Known | undefined> {
  const known = await world.admin.rows<Known>(
    'select id, merchant_id, network, address_key, status, exception from invoices order by id desc limit 8',
  );
  return known.length > 0 ? world.chance.pick(known) : undefined;
}

type Place = { network: NetworkCode; asset: AssetCode };
type Shown = { page_id: string; status: string; network: NetworkCode | null; asset: AssetCode | null };

/** Pages on which something may be chosen, the likeliest first. */
const PAGES = `select page_id, status, network, asset from invoices where page_id is not null
  order by (status in ('awaiting_method', 'new')) desc, id desc limit $1`;

/**
 * A payer chooses on a widget's page, or changes what was chosen, at any time; now and then on a page that is no longer up
 * to date.
 */
export async function choose(world: World, server: Server): Promise<string> {
  const pages = await world.admin.rows<Shown>(PAGES, [world.focus === 'coins' ? 1 : 4]);
  if (pages.length === 0) return 'nothing to choose on';
  return chooseOn(world, server, world.chance.pick(pages), world.chance.pick(world.addresses));
}

export async function chooseOn(
  world: World,
  server: Server,
  { page_id: pageId, status, ...current }: Shown,
  { network, asset }: Place,
): Promise<string> {
  const stale = world.chance.happens(0.1) ? world.chance.pick(world.addresses) : null;
  const from = stale ?? (current.network && current.asset ? { ...current } : null);
  const answer = await chooseMethod(
    {
      db: server.node.db,
      vault,
      clock: world.clock,
      networks: world.networks,
      memory: server.memory,
      random: n => world.chance.below(n),
      coinRate: world.coinRate,
    },
    { pageId, from: from as ChooseMethod['from'], method: { network, asset } },
  );
  if (answer.ok) refuseThief(answer.value);
  if (!answer.ok) world.reach(`choose refused: ${answer.fault}`);
  else noteShown(world, answer.value, current.network && `${current.network} ${current.asset}`);
  return `choose ${network} ${asset} on ${status} page: ${answer.ok ? answer.value.method?.final.units : answer.fault}`;
}

/** Remembers what the payer was shown, and whether it is another coin or network than `before`. */
function noteShown(world: World, { id, method }: Invoice, before: string | null): void {
  if (!method) return;
  const { network, asset, addressKey, final, since } = method;
  const text = askedText({ network, asset, addressKey, units: final.units.toString(), since });
  const shown = world.shown.get(id) ?? new Set();
  if (before !== null && before !== `${network} ${asset}`)
    world.reach(shown.has(text) ? 'changed back' : 'changed the coin');
  world.shown.set(id, shown.add(text));
}

export async function cancel(world: World, server: Server): Promise<string> {
  const invoice = await anInvoice(world);
  return invoice ? cancelOne(world, server, invoice) : 'nothing to cancel';
}

export async function cancelOne(world: World, server: Server, invoice: Known): Promise<string> {
  world.cancelled.add(invoice.id);
  const answer = await cancelInvoice(
    { db: server.node.db, clock: world.clock, webhookId: world.webhookId },
    { merchantId: invoice.merchant_id, invoiceId: invoice.id },
  );
  const isBeingPaid =
    invoice.status === 'confirming' || (invoice.status === 'new' && invoice.exception === 'underpaid');
  if (answer.ok && isBeingPaid)
    throw new Error(`invoice ${invoice.id} was cancelled while it was being paid`);
  if (!answer.ok) world.reach(`cancel refused: ${answer.fault}`);
  return `cancel ${invoice.status} invoice ${invoice.id}: ${answer.ok ? answer.value.status : answer.fault}`;
}

/** Names a transaction that is on a chain, waits for one, or was never sent. */
export async function confirm(world: World, server: Server): Promise<string> {
  const invoice = await anInvoice(world);
  return invoice ? confirmBy(world, server, invoice, aTransaction(world, invoice)) : 'nothing to confirm';
}

export async function confirmBy(
  world: World,
  server: Server,
  invoice: Known,
  transactionId: string,
): Promise<string> {
  const named = world.named.get(invoice.id) ?? new Set();
  world.named.set(invoice.id, named.add(transactionId));
  // Networks are asked at once; here one after the other, or what happens meanwhile would depend on who is faster.
  let asked: Promise<unknown> = Promise.resolve();
  const answer = await confirmManually(
    {
      db: server.node.db,
      vault,
      clock: world.clock,
      networks: world.networks,
      webhookId: world.webhookId,
      lookUp: (code, id, enough) => {
        const network = world.networks.get(code);
        const chains = world.chains.get(code)?.asked ?? [];
        const answer = asked.then(() =>
          network
            ? lookUp(
                { db: server.node.db, network, chains, clock: world.clock, logger: world.logger },
                id,
                NEVER,
                enough,
              )
            : null,
        );
        // Where the process dies in one of them it asks no further.
        asked = answer;
        return answer;
      },
    },
    {
      merchantId: invoice.merchant_id,
      verifiedOnly: world.chance.happens(0.5),
      invoiceId: invoice.id,
      transactionId,
    },
  );
  world.reach(
    answer.ok ? `confirmed ${answer.value.exception ?? 'and seen'}` : `confirm refused: ${answer.fault}`,
  );
  const outcome = answer.ok ? answer.value.status : answer.fault;
  return `confirm ${invoice.status} invoice ${invoice.id} by ${transactionId.slice(-4)}: ${outcome}`;
}

/** Mostly one of the newest that reached the invoice's wallet, which may well be meant for another invoice. */
function aTransaction(world: World, { network, address_key }: Known): string {
  const code = network ?? world.chance.pick([...world.networks.keys()]);
  const chain = world.chains.get(code)?.chain;
  const reached = chain?.transfers().filter(({ to }) => to === address_key) ?? [];
  const newest = reached.slice(-3).map(({ txId }) => txId);
  if (newest.length > 0 && world.chance.happens(0.6)) return world.chance.pick(newest);
  const sent = [...(chain?.sentAt.keys() ?? [])].slice(-6);
  if (sent.length > 0 && world.chance.happens(0.7)) return world.chance.pick(sent);
  const invented = (0xfa0 + world.chance.below(3)).toString(16).padStart(64, '0');
  return code === 'TRC-20' ? invented : `0x${invented}`;
}
