/** Shops that cannot listen: each attempt on the schedule, each answer stored for what it was, and no shop holds up another. */
import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { until } from '../until.ts';
import { type BadShop, badShops, openBadShop, type Visits } from './bad-shops.ts';
import { battle } from './battle.ts';
import type { Field } from './field.ts';
import { type Merchant, withDb } from './merchants.ts';
import type { Scene } from './scene.ts';
import { Traffic } from './traffic.ts';

const GAPS = [30_000, 120_000, 600_000];
const MOST_BODY = 5000;

type Visited = { shop: BadShop; visits: Visits; merchant: Merchant };
type Attempt = {
  number: number;
  status: number | null;
  error: string | null;
  length: number | null;
  started_at: number;
};

/** Each bad shop is told of one payment, and told again `retries` times while a good one is told of many. */
export async function badSinks(scene: Scene, retries = 2): Promise<string[]> {
  const { field, figures } = scene;
  const visited: Visited[] = [];
  for (const [n, shop] of badShops.entries()) {
    const visits = await openBadShop(shop);
    const merchant = await field.addMerchant(`/bad-${n}`, { webhookUrl: visits.url });
    visited.push({ shop, visits, merchant });
  }
  try {
    const before = await memoryOf(field);
    const complaints: string[] = [];
    const found = await battle({ ...scene, prefix: `${scene.prefix}-good` }, async () => {
      await Promise.all(visited.map((one, n) => payTo(scene, one.merchant, n)));
      for (const one of visited) complaints.push(...(await judgeShop(scene, one, retries)));
    });
    const grown = (await memoryOf(field)) - before;
    figures.count({
      'bad shops': visited.length,
      'MB the two programs have grown by': Math.round(grown / 1024),
    });
    return [...complaints, ...found];
  } finally {
    for (const { visits } of visited) await visits.close();
  }
}

/** One order of a bad shop, paid at once. */
async function payTo({ field, chance, prefix }: Scene, keys: Merchant, n: number): Promise<void> {
  const baseUrls = () => field.gateways.map(({ baseUrl }) => baseUrl);
  const own = {
    chain: field.chain,
    keys,
    baseUrls,
    chance,
    prefix: `${prefix}-bad-${n}`,
    shops: 0,
    pause: 0,
  };
  await new Traffic(own).order('exact');
}

async function judgeShop(
  scene: Scene,
  { shop, visits, merchant }: Visited,
  retries: number,
): Promise<string[]> {
  const wanted = shop.delivered ? 1 : retries + 1;
  const patience = 60_000 + GAPS.slice(0, retries).reduce((sum, gap) => sum + gap, 0);
  const attempts = await until(
    async () => {
      const found = await attemptsOf(scene.field, merchant);
      return found.length >= wanted && found;
    },
    { timeout: patience, interval: 500, what: `${wanted} attempts to a shop that ${shop.name}` },
  );
  scene.figures.count({ 'attempts to bad shops': attempts.length });
  const said = attempts.flatMap(attempt => judgeAttempt(shop, attempt));
  for (const [n, attempt] of attempts.entries()) {
    const gap = attempt.started_at - (attempts[n - 1]?.started_at ?? attempt.started_at);
    const late = n === 0 ? 0 : gap - (GAPS[n - 1] ?? 0);
    if (n > 0) scene.figures.time('a retry later than its schedule', Math.max(0, late));
    if (late < 0 || late > 8000) said.push(`a shop that ${shop.name} was told again after ${gap} ms`);
  }
  if (shop.manner && visits.at.length !== attempts.length)
    said.push(`a shop that ${shop.name} has heard ${visits.at.length} requests of ${attempts.length}`);
  return said;
}

function judgeAttempt(shop: BadShop, { status, error, length }: Attempt): string[] {
  const isRight = status === shop.status && (shop.error ? shop.error.test(error ?? '') : error === null);
  const what = `of a shop that ${shop.name} is stored: ${status} ${error}`;
  return [
    ...(isRight ? [] : [what]),
    ...((length ?? 0) > MOST_BODY ? [`${what}, with ${length} characters`] : []),
  ];
}

const attemptsOf = ({ database }: Field, { id }: Merchant) =>
  withDb(database.connection, async db => {
    const { rows } = await sql<Attempt>`
      select a.number, a.status, a.error, length(a.body) as length, a.started_at from attempts a
        join deliveries d on d.id = a.delivery_id where d.merchant_id = ${id} order by a.number`.execute(db);
    return rows;
  });

/** What both programs hold in memory, in KB. */
async function memoryOf({ gateways }: Field): Promise<number> {
  const sizes = gateways.map(async ({ pid }) => {
    const text = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]);
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
