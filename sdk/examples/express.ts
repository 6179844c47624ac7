/** Express 5. Run: npx tsx examples/express.ts */
import { verifyWebhook } from '@cryptoscan/sdk';
import express from 'express';
import { findOrder, keys, placeOrder, recordEvent } from './shop.ts';

const app = express();

// Before app.use(express.json()), if there is one: the signature is over the bytes as they came.
app.post('/webhook', express.raw({ type: 'application/json', limit: '256kb' }), async (request, response) => {
  const verified = await verifyWebhook(request.body, request.headers, keys);
  // The gateway keeps the answer and shows it with the invoice, so the reason is found there.
  if (!verified.ok) response.status(400).type('text').send(verified.message);
  else if (!recordEvent(verified.event)) response.status(404).type('text').send('No such order.');
  else response.status(200).type('text').send('Recorded.');
});

app.post('/orders', async (_request, response) => {
  response.status(201).json(await placeOrder());
});

app.get('/orders', (request, response) => {
  const { reference } = request.query;
  const order = typeof reference === 'string' ? findOrder(reference) : undefined;
  if (order) response.json(order);
  else response.status(404).type('text').send('No such order.');
});

app.listen(Number(process.env.PORT ?? 3000));
