/**
 * POST invoice over real HTTP with signatures, durable. Baseline: the same server, but each request in a transaction of its
 * own. Then the same with most tails of one price taken, and with 10,000 invoices open on the wallet.
 */
import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { type CreateInvoice, createInvoices } from '../../server/src/commands/create-invoice.ts';
import { TailMemory } from '../../server/src/commands/tail-memory.ts';
import { type Network, type NetworkCode, networks } from '../../server/src/domain/asset.ts';
import { createAskPrice } from '../../server/src/http/merchant-api/price.ts';
import { buildServer } from '../../server/src/http/server.ts';
import { group } from '../../server/src/lib/group.ts';
import { RateBook } from '../../server/src/rates/rate-book.ts';
import { findCredentials } from '../../server/src/store/merchants.ts';
import {
  type Ground,
  logger,
  type Merchant,
  makeMerchant,
  makeWallet,
  onGround,
  percentile,
  pretendWatched,
  ratio,
  vault,
} from './ground.ts';

const CONNECTIONS = [1, 16, 32];
const MILLISECONDS = 4000;

const known: ReadonlyMap<NetworkCode, Network> = new Map([['ERC-20', networks['ERC-20']]]);

export async function benchCreate(): Promise<void> {
  await onGround(async ground => {
    await pretendWatched(ground, 'ERC-20');
    const shops = [];
    for (let n = 0; n < 50; n++) shops.push(await makeShop(ground, n));
    console.log('POST invoice, signed, durable, 50 merchants, prices spread over 5 to 5000 USD');
    console.log('conns  one transaction a request      shared commits                 gain');
    for (const connections of CONNECTIONS) {
      const alone = await measure(ground, { shops, connections, shared: false, price: spread });
      const shared = await measure(ground, { shops, connections, shared: true, price: spread });
      console.log(
        `${String(connections).padStart(5)}  ${show(alone)}  ${show(shared)}  ${ratio(shared.rate, alone.rate)}`,
      );
    }
    await tailsTaken(ground);
    await manyOpen(ground);
  });
}

const spread = () => (5 + randomInt(4_995_000) / 1000).toFixed(3);

async function makeShop(ground: Ground, n: number): Promise<Merchant> {
  const merchant = await makeMerchant(ground);
  await makeWallet(ground, {
    merchantId: merchant.id,
    address: `0x${(0x10000 + n).toString(16).padStart(40, '0')}`,
  });
  return merchant;
}

/** One price per shop, 900 of its 999 amounts taken, against the same price with none taken. */
async function tailsTaken(ground: Ground): Promise<void> {
  const [empty, full] = [await makeShop(ground, 1000), await makeShop(ground, 1001)];
  const create = (merchant: Merchant, count: number) =>
    seed(ground, merchant, { count, price: () => '100.00' });
  await create(full, 900);
  const times = { empty: [] as number[], full: [] as number[] };
  for (let n = 0; n < 60; n++) {
    times.empty.push(await once(ground, empty, '100.00'));
    times.full.push(await once(ground, full, '100.00'));
  }
  const [a, b] = [percentile(times.empty, 0.5), percentile(times.full, 0.5)];
  console.log(
    `one create of a price, none of its 999 amounts taken: ${a.toFixed(2)} ms; 900 taken: ${b.toFixed(2)} ms (${ratio(b, a)})`,
  );
}

async function manyOpen(ground: Ground): Promise<void> {
  const [few, many] = [await makeShop(ground, 2000), await makeShop(ground, 2001)];
  await seed(ground, many, { count: 10_000, price: spread });
  const times = { few: [] as number[], many: [] as number[] };
  for (let n = 0; n < 200; n++) {
    times.few.push(await once(ground, few, spread()));
    times.many.push(await once(ground, many, spread()));
  }
  const [a, b] = [percentile(times.few, 0.5), percentile(times.many, 0.5)];
  console.log(
    `one create, few invoices open on the wallet: ${a.toFixed(2)} ms; 10,000 open: ${b.toFixed(2)} ms (${ratio(b, a)})`,
  );
}

let references = 0;

function command(merchant: Merchant, price: string): CreateInvoice {
  const [whole = '', fraction = ''] = price.split('.');
  return {
    merchant: { id: merchant.id, compat: false, paymentMinutes: 90 },
    requested: { units: BigInt(whole + fraction.padEnd(8, '0')), scale: 8 },
    clientReferenceId: `seed-${references++}`,
    metadata: null,
    source: null,
    method: { network: 'ERC-20', asset: 'USDT' },
    page: null,
  };
}

const memory = new TailMemory();

const createDeps = ({ db, clock }: Ground) => ({
  db,
  clock,
  memory,
  vault,
  networks: known,
  random: (n: number) => randomInt(n),
});

async function seed(
  ground: Ground,
  merchant: Merchant,
  { count, price }: { count: number; price: () => string },
): Promise<void> {
  for (let made = 0; made < count; made += 100) {
    const answers = await createInvoices(
      createDeps(ground),
      Array.from({ length: 100 }, () => command(merchant, price())),
    );
    const refused = answers.find(answer => !answer.ok);
    if (refused && !refused.ok) throw new Error(refused.fault);
  }
}

async function once(ground: Ground, merchant: Merchant, price: string): Promise<number> {
  const begun = performance.now();
  const [answer] = await createInvoices(createDeps(ground), [command(merchant, price)]);
  if (!answer?.ok) throw new Error('refused');
  return performance.now() - begun;
}

type Measured = { rate: number; p50: number; p99: number };

function show({ rate, p50, p99 }: Measured): string {
  return `${rate.toFixed(0).padStart(5)}/s p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms`.padEnd(29);
}

const nothingElse = async () => {
  throw new Error('invoices are created here, and nothing else');
};

async function measure(
  ground: Ground,
  options: { shops: readonly Merchant[]; connections: number; shared: boolean; price: () => string },
): Promise<Measured> {
  const deps = createDeps(ground);
  const limits = {
    max: options.shared ? 64 : 1,
    runs: options.shared ? 2 : 16,
    limit: 10_000,
    isolate: () => true,
  };
  const book = new RateBook({ quorum: 2, sources: new Set() });
  const app = await buildServer({
    db: ground.db,
    clock: ground.clock,
    vault,
    logger,
    trustedProxies: [],
    isDraining: () => false,
    findCredentials: group(
      publicKeys => findCredentials(ground.db, vault, { publicKeys, now: ground.clock.now() }),
      {
        ...limits,
        runs: options.shared ? 2 : 16,
      },
    ),
    createInvoice: group(commands => createInvoices(deps, commands), limits),
    book,
    askPrice: createAskPrice({ book, clock: ground.clock }),
    limits: null,
    baseUrl: () => 'http://127.0.0.1',
    pageId: randomUUID,
    confirmInvoice: nothingElse,
    chooseMethod: nothingElse,
    cancelInvoice: nothingElse,
    useLink: nothingElse,
    networks: deps.networks,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const pool = new Pool(origin, { connections: options.connections });
  const times: number[] = [];
  const begun = performance.now();
  const client = async () => {
    while (performance.now() - begun < MILLISECONDS) times.push(await post(pool, options));
  };
  await Promise.all(Array.from({ length: options.connections }, client));
  const seconds = (performance.now() - begun) / 1000;
  await pool.close();
  await app.close();
  return { rate: times.length / seconds, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

async function post(
  pool: Pool,
  { shops, price }: { shops: readonly Merchant[]; price: () => string },
): Promise<number> {
  const shop = shops[randomInt(shops.length)];
  if (!shop) throw new Error('no shop');
  const reference = `r-${references++}`;
  const amount = price();
  const query = `amount=${amount}&api_key=${shop.publicKey}&client_reference_id=${reference}&cryptocurrency=USDT&network=ERC-20`;
  const headers = {
    'content-type': 'application/json',
    'public-key': shop.publicKey,
    signature: createHmac('sha256', shop.privateKey).update(query).digest('hex'),
  };
  const body = JSON.stringify({
    amount,
    client_reference_id: reference,
    cryptocurrency: 'USDT',
    network: 'ERC-20',
  });
  const begun = performance.now();
  const answer = await pool.request({ path: '/api/v1/invoice', method: 'POST', headers, body });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(text);
  return performance.now() - begun;
}
