/**
 * Shops at work while everything around them dies: each order is asked for until it is acknowledged, under one key and at
 * either gateway, then paid, or not, or wrongly, or twice. What was asked and answered is remembered here alone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type CreatedInvoice, CryptoScan } from '@cryptoscan/sdk';
import { rpc, rpcAccounts, rpcHex } from '../../server/src/dev/rpc.ts';
import { word } from '../../server/src/dev/test-tokens.ts';
import { idOf, type LiveChain } from '../e2e/live-chain.ts';
import type { Chance } from '../seeded.ts';
import { type Order, units } from './evidence.ts';
import type { Keys } from './merchants.ts';
import { evmForm, played } from './played.ts';

// First four bytes of keccak256("transfer(address,uint256)"), from the ERC-20 standard.
export const TRANSFER = '0xa9059cbb';
export const DECIMALS = 6;

/** What payers do; parts of all orders. */
const plans = { exact: 70, nothing: 12, wrong: 6, twice: 12 } as const;

export type TrafficOptions = {
  chain: LiveChain;
  keys: Keys;
  /** Where the gateways are. */
  baseUrls: () => readonly string[];
  chance: Chance;
  prefix: string;
  /** Shops that work side by side, and the pause of each between two orders, in ms at most. */
  shops: number;
  pause: number;
};

export class Traffic {
  readonly orders: Order[] = [];
  /** Tries of creates that were answered otherwise than with success, by what came: a status, or that nothing came. */
  readonly refusals = new Map<string, number>();
  readonly #options: TrafficOptions;
  #working: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  get acknowledged(): number {
    return this.orders.filter(({ answers }) => answers.length > 0).length;
  }

  start(): void {
    const { shops } = this.#options;
    this.#stopped = false;
    this.#working = Promise.all(Array.from({ length: shops }, () => this.#work()));
    // It is told by stop(), but must not end the run before.
    this.#working.catch(() => undefined);
  }

  /** No more orders; resolves when those under way are acknowledged and paid. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    const { chance, pause } = this.#options;
    while (!this.#stopped) {
      await this.order();
      await sleep(chance.below(pause));
    }
  }

  /** One order from asking to paying. */
  async order(plan = this.#options.chance.weighted(plans)): Promise<Order> {
    const { chance, prefix } = this.#options;
    const number = String(this.orders.length).padStart(6, '0');
    const amount = `${chance.between(10, 900)}.${String(chance.below(100)).padStart(2, '0')}`;
    const order: Order = { reference: `${prefix}-${number}`, amount, answers: [], refusals: [] };
    this.orders.push(order);
    const invoice = await this.ask(order);
    if (!invoice) return order;
    if (chance.happens(0.2)) await this.ask(order);
    await sleep(chance.below(500));
    await this.#pay(invoice, plan);
    return order;
  }

  /** Asks until it is answered: a shop that was not answered asks again, with the same key. */
  async ask(order: Order, patience = 180_000): Promise<CreatedInvoice | null> {
    const deadline = performance.now() + patience;
    while (performance.now() < deadline) {
      try {
        const answer = await this.#create(order);
        order.answers.push(answer);
        return answer;
      } catch (error) {
        const status = error instanceof ApiError ? error.status : null;
        this.#count(status === null ? 'no answer' : String(status));
        if (status === 400 || status === 401 || status === 404) {
          order.refusals.push(String(error));
          return null;
        }
      }
      await sleep(50 + this.#options.chance.below(150));
    }
    return null;
  }

  #create({ reference, amount }: Order): Promise<CreatedInvoice> {
    const { keys, baseUrls, chance, chain } = this.#options;
    const client = new CryptoScan({ baseUrl: chance.pick(baseUrls()), ...keys, timeoutMs: 10_000 });
    const place = { cryptocurrency: 'USDT', network: played(chain).network };
    return client.createInvoice(
      { amount, client_reference_id: reference, ...place },
      { idempotencyKey: `key ${reference}` },
    );
  }

  #count(what: string): void {
    this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
  }

  async #pay({ wallet, final_amount }: CreatedInvoice, plan: keyof typeof plans): Promise<void> {
    const amount = units(final_amount, DECIMALS);
    const { chain } = this.#options;
    if (plan === 'nothing') return;
    await transfer(chain, wallet, plan === 'wrong' ? amount + 1n : amount);
    if (plan === 'twice') await transfer(chain, wallet, amount);
  }
}

/** anvil gives two transactions that come at once one number. */
let lastSent: Promise<unknown> = Promise.resolve();

/** Sends a transfer; it is in the next block. Answers its hash. */
function transfer(chain: LiveChain, to: string, amount: bigint): Promise<string> {
  const sent = lastSent.then(() => send(chain, to, amount));
  lastSent = sent.catch(() => undefined);
  return sent;
}

async function send({ rpcUrl, network }: LiveChain, to: string, amount: bigint): Promise<string> {
  const [from] = await rpcAccounts(rpcUrl);
  const data = TRANSFER + word(BigInt(evmForm(to))) + word(amount);
  const transaction = { from, to: network.tokens[0]?.contract, data, gas: '0x30d40' };
  return rpcHex(rpcUrl, 'eth_sendTransaction', transaction);
}

type Log = { transactionHash: string; data: string; blockNumber: string; blockHash: string };

// keccak256("Transfer(address,address,uint256)"), from the ERC-20 standard.
const TRANSFERRED = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

/** A node of Tron gives no more blocks at one go. */
const SPAN = 5000;

/** The logs of the token's transfers to a wallet in a range of blocks, both ends included. */
export async function logsTo(
  { rpcUrl, network }: LiveChain,
  to: string,
  { from = 0, through }: { from?: number; through: number },
): Promise<Log[]> {
  const topics = [TRANSFERRED, null, `0x${word(BigInt(evmForm(to)))}`];
  const logs: Log[] = [];
  for (let first = from; first <= through; first += SPAN) {
    const last = Math.min(first + SPAN - 1, through);
    const [fromBlock, toBlock] = [first, last].map(n => `0x${n.toString(16)}`);
    const filter = { address: network.tokens[0]?.contract, topics, fromBlock, toBlock };
    logs.push(...((await rpc(rpcUrl, 'eth_getLogs', filter)) as Log[]));
  }
  return logs;
}

/** The token's transfers to a wallet that are `depth` blocks deep, their own counted, read from the chain itself. */
export async function transfersTo(chain: LiveChain, to: string, depth: number) {
  const { rpcUrl } = chain;
  const tip = Number(await rpcHex(rpcUrl, 'eth_blockNumber'));
  const logs = await logsTo(chain, to, { through: tip - depth + 1 });
  const times = new Map<string, number>();
  for (const { blockNumber } of logs) {
    if (times.has(blockNumber)) continue;
    const block = (await rpc(rpcUrl, 'eth_getBlockByNumber', blockNumber, false)) as { timestamp: string };
    times.set(blockNumber, Number(block.timestamp) * 1000);
  }
  return logs.map(({ transactionHash: hash, data, blockNumber }) => ({
    hash: idOf(chain, hash),
    to,
    units: BigInt(data),
    time: times.get(blockNumber) ?? 0,
  }));
}
