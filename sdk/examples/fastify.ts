/** Fastify 5. Run: npx tsx examples/fastify.ts */
import { verifyWebhook } from '@cryptoscan/sdk';
import Fastify from 'fastify';
import { findOrder, keys, placeOrder, recordEvent } from './shop.ts';

const app = Fastify();

app.post('/orders', async (_request, reply) => reply.code(201).send(await placeOrder()));

app.get<{ Querystring: { reference?: string } }>('/orders', async (request, reply) => {
  return findOrder(request.query.reference) ?? reply.code(404).send('No such order.');
});

// A scope of its own: here JSON is not parsed, because the signature is over the bytes as they came.
await app.register(async scope => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );

  scope.post<{ Body: Buffer }>('/webhook', async (request, reply) => {
    const verified = await verifyWebhook(request.body, request.headers, keys);
    // The gateway keeps the answer and shows it with the invoice, so the reason is found there.
    if (!verified.ok) return reply.code(400).send(verified.message);
    if (!recordEvent(verified.event)) return reply.code(404).send('No such order.');
    return reply.code(200).send('Recorded.');
  });
});

await app.listen({ port: Number(process.env.PORT ?? 3000) });
