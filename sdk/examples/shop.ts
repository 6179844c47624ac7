/**
 * What the examples share: the gateway, its keys, and a stand-in for the shop's own database. A map is enough to show
 * what must happen once and only once; a real shop keeps its orders where they outlive the process.
 */
import { CryptoScan, NetworkError, type WebhookEvent, type WebhookKeys } from '@cryptoscan/sdk';

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name} in the environment.`);
  return value;
}

export const keys = {
  publicKey: setting('CRYPTOSCAN_PUBLIC_KEY'),
  privateKey: setting('CRYPTOSCAN_PRIVATE_KEY'),
  webhookSecret: setting('CRYPTOSCAN_WEBHOOK_SECRET'),
} satisfies WebhookKeys;

const gateway = new CryptoScan({
  baseUrl: setting('CRYPTOSCAN_URL'),
  publicKey: keys.publicKey,
  privateKey: keys.privateKey,
});

type Order = { status: 'open' | 'paid' | 'closed'; parcels: number };

const orders = new Map<string, Order>();

export function findOrder(reference: string | null | undefined): Order | undefined {
  return orders.get(reference ?? '');
}

/** The price is the shop's to say, never the buyer's. The order is stored first: its webhook may come at any time. */
export async function placeOrder() {
  const reference = `order-${crypto.randomUUID()}`;
  orders.set(reference, { status: 'open', parcels: 0 });
  const order = { amount: '15.00', client_reference_id: reference };
  // The same key where no answer came, which brings the lost one; after an answer a new one, since refusals are kept as well.
  const options = { idempotencyKey: crypto.randomUUID() };
  const invoice = await gateway.createInvoice(order, options).catch(error => {
    if (error instanceof NetworkError) return gateway.createInvoice(order, options);
    throw error;
  });
  const { final_amount: pay, cryptocurrency: coin, network, wallet, expire_at: until } = invoice;
  return { reference, pay, coin, network, wallet, until };
}

/**
 * Takes a verified event; false when there is no such order. The same event may come several times, and `paid` may come
 * after `expired`, so what follows from a payment hangs on the change of the order, not on the event. In SQL:
 * `UPDATE orders SET status = 'paid' WHERE reference = $1 AND status <> 'paid'`, then act if one row was changed.
 */
export function recordEvent({ event_type, data }: WebhookEvent): boolean {
  const order = orders.get(data.client_reference_id);
  if (!order) return false;
  if (event_type === 'paid' || event_type === 'paid_manually') {
    if (order.status !== 'paid') order.parcels += 1;
    order.status = 'paid';
  } else if (event_type === 'expired' || event_type === 'cancelled') {
    if (order.status === 'open') order.status = 'closed';
  }
  return true;
}
