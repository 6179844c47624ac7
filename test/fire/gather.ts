/** Gathers the evidence of one merchant from the API, the sink and the chain, and waits until it is in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CryptoScan, type Invoice, verifyWebhook, type WebhookData } from '@cryptoscan/sdk';
import { rpcHex } from '../../server/src/dev/rpc.ts';
import type { LiveChain } from '../e2e/live-chain.ts';
import type { Received } from '../e2e/sink.ts';
import { until } from '../until.ts';
import type { Battlefield } from './battle.ts';
import { judge } from './checker.ts';
import type { Evidence, Order, Told } from './evidence.ts';
import type { Merchant } from './merchants.ts';
import { played } from './played.ts';
import { DECIMALS, transfersTo } from './traffic.ts';

export type Asked = { orders: readonly Order[]; prefix: string; merchant?: Merchant };

async function gather(
  field: Battlefield,
  { orders, prefix, merchant = field.shop }: Asked,
): Promise<Evidence> {
  const [first] = field.gateways;
  const client = new CryptoScan({ baseUrl: first.baseUrl, ...merchant });
  // The chain first: what is final by then may be demanded of what is read afterwards.
  const transfers = await transfersTo(field.chain, merchant.wallet, played(field.chain).depth);
  const invoices: Invoice[] = [];
  for await (const invoice of client.searchAllInvoices(prefix)) invoices.push(invoice);
  const told = await Promise.all(field.sink.at(merchant.path).map(request => toldOf(request, merchant)));
  const asked = new Set(invoices.map(({ id }) => id));
  return {
    orders,
    invoices,
    transfers,
    // Of another part of the run, with other orders.
    told: told.filter(({ data }) => asked.has(data.id) || data.client_reference_id.startsWith(prefix)),
    troubles: field.troubles,
    decimals: DECIMALS,
    at: Date.now(),
  };
}

async function toldOf({ body, headers, at, answered }: Received, merchant: Merchant): Promise<Told> {
  const {
    event_type: type,
    retry_count: retryCount,
    data,
  } = JSON.parse(body) as {
    event_type: string;
    retry_count: number;
    data: WebhookData;
  };
  const { publicKey, privateKey, webhookSecret } = merchant;
  // The sender's stamp is judged by its age: what came long ago is judged as of then.
  const verified = await verifyWebhook(body, headers, {
    ...{ publicKey, privateKey, webhookSecret },
    now: at,
  });
  return {
    webhookId: headers['webhook-id'] ?? '',
    ...{ type, retryCount, data, at },
    text: JSON.stringify(data),
    status: answered.writableFinished ? answered.statusCode : null,
    isSigned: verified.ok,
  };
}

/** Once all that was sent so far is final: gathers until the checker has nothing to complain of, or for `patience` ms; answers the last evidence and complaints. */
export async function untilInOrder(
  field: Battlefield,
  asked: Asked,
  patience = 200_000,
): Promise<{ evidence: Evidence; complaints: string[] }> {
  await untilFinal(field.chain);
  const deadline = performance.now() + patience;
  for (;;) {
    const evidence = await gather(field, asked);
    const complaints = judge(evidence);
    if (complaints.length === 0 || performance.now() > deadline) return { evidence, complaints };
    await sleep(1000);
  }
}

async function untilFinal(chain: LiveChain): Promise<void> {
  const height = async () => Number(await rpcHex(chain.rpcUrl, 'eth_blockNumber'));
  // What was sent a moment ago is in the next block.
  const last = (await height()) + 1;
  const what = 'blocks over all that was sent';
  const isFinal = async () => (await height()) >= last + played(chain).depth;
  await until(isFinal, { timeout: 120_000, interval: 200, what });
}
