/** What shops were promised when they asked: one invoice a reference, the same answer every time, nothing acknowledged lost. */
import type { CreatedInvoice, Invoice } from '@cryptoscan/sdk';
import { type Evidence, groupBy, type Order, units } from './evidence.ts';

export function checkOrders({ orders, invoices, decimals }: Evidence): string[] {
  const byReference = groupBy(invoices, ({ client_reference_id: reference }) => reference);
  const asked = new Set(orders.map(({ reference }) => reference));
  const uninvited = [...byReference.keys()].filter(reference => !asked.has(reference));
  const ids = groupBy(invoices, ({ id }) => id);
  return [
    ...uninvited.map(reference => `an invoice has the reference ${reference}, which nobody asked for`),
    ...[...ids].flatMap(([id, same]) => (same.length > 1 ? [`the invoice ${id} is listed twice`] : [])),
    ...orders.flatMap(order => checkOrder(order, byReference.get(order.reference) ?? [], decimals)),
  ];
}

function checkOrder(order: Order, found: readonly Invoice[], decimals: number): string[] {
  const { reference, answers, refusals } = order;
  const first = answers[0];
  const told = refusals.map(refusal => `the order ${reference} was refused: ${refusal}`);
  if (!first) return [...told, `the order ${reference} was never acknowledged`];
  const others = answers.filter(answer => !isSame(answer, first));
  told.push(...others.map(({ id }) => `the order ${reference} was answered with ${first.id} and ${id}`));
  if (found.length === 0) return [...told, `the order ${reference} was acknowledged and is lost`];
  if (found.length > 1) return [...told, `the order ${reference} has ${found.length} invoices`];
  const invoice = found[0] as Invoice;
  if (!isOf(invoice, first, decimals)) told.push(`the order ${reference} is not what was acknowledged`);
  if (Number(invoice.requested_amount) !== Number(order.amount))
    told.push(`the order ${reference} asks for ${invoice.requested_amount} and not for ${order.amount}`);
  return told;
}

const isSame = (one: CreatedInvoice, other: CreatedInvoice) => JSON.stringify(one) === JSON.stringify(other);

function isOf(invoice: Invoice, answer: CreatedInvoice, decimals: number): boolean {
  return (
    invoice.id === Number(answer.id) &&
    invoice.wallet === answer.wallet &&
    invoice.network === answer.network &&
    invoice.cryptocurrency === answer.cryptocurrency &&
    units(String(invoice.final_amount), decimals) === units(answer.final_amount, decimals)
  );
}
