import { expect, test } from 'vitest';
import { makeInvoice, makeShop, methodOf, pay, put } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { match } from '../flow/match.ts';
import { createLogger } from '../lib/logger.ts';
import { openDb } from '../store/db.ts';
import { Metrics } from './metrics.ts';

const world = useWorld();

/** The figures by name and labels, without those of the process. */
async function figures(metrics: Metrics): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split('\n').filter(line => /^(cryptoscan|http)_/.test(line));
  return Object.fromEntries(lines.map(line => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
}

test('tell what waits, for how long, and how the networks stand', async () => {
  const { merchant } = await makeShop(world);
  await put(world, await makeInvoice(world, merchant), 'cancelled');
  const open = await makeInvoice(world, merchant);
  await pay(world, open, { units: methodOf(open).final.units + 123_456_789n });
  await match(world);
  world.clock.advance(90_000);
  await pay(world, open);
  expect(await figures(new Metrics(world))).toMatchObject({
    cryptoscan_database_up: 1,
    'cryptoscan_waiting{queue="webhooks"}': 1,
    'cryptoscan_oldest_waiting_seconds{queue="webhooks"}': 90,
    cryptoscan_webhook_overdue_seconds: 90,
    'cryptoscan_waiting{queue="transfers"}': 1,
    'cryptoscan_oldest_waiting_seconds{queue="transfers"}': 0,
    'cryptoscan_waiting{queue="payments"}': 0,
    'cryptoscan_tasks_open{kind="no_reservation"}': 1,
    'cryptoscan_network_lag_seconds{network="TRC-20"}': 90,
    'cryptoscan_network_in_use{network="TRC-20"}': 1,
    'cryptoscan_network_open_invoices{network="TRC-20"}': 1,
    cryptoscan_forged_addresses: 0,
  });
});

test('without a database tell of the process alone', async () => {
  const url = 'postgres://nobody@127.0.0.1:1/nothing';
  const db = openDb({ connectionString: url }, () => undefined);
  const metrics = new Metrics({ ...world, db });
  metrics.served({ method: 'GET', route: '/api/v1/invoices/:id', status: 200, seconds: 0.02 });
  const told = await figures(metrics);
  expect(told).toMatchObject({
    cryptoscan_database_up: 0,
    'http_server_request_duration_seconds_bucket{le="0.01",method="GET",route="/api/v1/invoices/:id",status="200"}': 0,
    'http_server_request_duration_seconds_bucket{le="0.025",method="GET",route="/api/v1/invoices/:id",status="200"}': 1,
  });
  expect(Object.keys(told).filter(name => /waiting|tasks|network/.test(name))).toEqual([]);
  await db.destroy();
});

test.each(['error', 'silent'])(
  'count the alarms at the level %s, by children of the logger too',
  async level => {
    const logger = createLogger(level);
    const metrics = new Metrics({ ...world, logger });
    logger.error({ alarm: 'disk_full' }, 'as a test');
    logger.child({ stage: 'watch' }).error({ alarm: 'disk_full' }, 'as a test');
    logger.error({ fault: 'disk_full' }, 'as a test');
    expect(await figures(metrics)).toMatchObject({ 'cryptoscan_alarms_total{alarm="disk_full"}': 2 });
  },
);
