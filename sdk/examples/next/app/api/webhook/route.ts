/** Next.js 15 and newer: app/api/webhook/route.ts, on either runtime. */
import { verifyWebhook } from '@cryptoscan/sdk';
import { keys, recordEvent } from '../../../../shop.ts';

export async function POST(request: Request): Promise<Response> {
  // The bytes as they came, not json(): the signature is over them.
  const verified = await verifyWebhook(await request.arrayBuffer(), request.headers, keys);
  // The gateway keeps the answer and shows it with the invoice, so the reason is found there.
  if (!verified.ok) return new Response(verified.message, { status: 400 });
  if (!recordEvent(verified.event)) return new Response('No such order.', { status: 404 });
  return new Response('Recorded.');
}
