/**
 * Hono 4. Run: bun examples/hono.ts, or deno serve --port 3000 --allow-env --allow-net examples/hono.ts, or with wrangler and
 * the flag nodejs_compat on Workers. On Node install @hono/node-server and add: serve(app).
 */
import { verifyWebhook } from '@cryptoscan/sdk';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { findOrder, keys, placeOrder, recordEvent } from './shop.ts';

const app = new Hono();

app.post('/orders', async context => context.json(await placeOrder(), 201));

app.get('/orders', context => {
  const order = findOrder(context.req.query('reference'));
  return order ? context.json(order) : context.text('No such order.', 404);
});

app.post('/webhook', bodyLimit({ maxSize: 256 * 1024 }), async context => {
  // The bytes as they came, not json(): the signature is over them.
  const verified = await verifyWebhook(await context.req.arrayBuffer(), context.req.raw.headers, keys);
  // The gateway keeps the answer and shows it with the invoice, so the reason is found there.
  if (!verified.ok) return context.text(verified.message, 400);
  if (!recordEvent(verified.event)) return context.text('No such order.', 404);
  return context.text('Recorded.');
});

export default app;
