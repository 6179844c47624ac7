/** Next.js 15 and newer: app/api/orders/route.ts. */
import { findOrder, placeOrder } from '../../../../shop.ts';

export async function POST(): Promise<Response> {
  return Response.json(await placeOrder(), { status: 201 });
}

export function GET(request: Request): Response {
  const order = findOrder(new URL(request.url).searchParams.get('reference'));
  return order ? Response.json(order) : new Response('No such order.', { status: 404 });
}
