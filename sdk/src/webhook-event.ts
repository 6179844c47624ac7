/** Reads the text of a webhook into an event, checking each documented field: the legacy signature does not cover types. */
import type { WebhookEvent } from './types.ts';

type Check = (value: unknown) => boolean;

const text: Check = value => typeof value === 'string';
const whole: Check = value => Number.isSafeInteger(value);
const orNull =
  (check: Check): Check =>
  value =>
    value === null || check(value);
const orAbsent =
  (check: Check): Check =>
  value =>
    value === undefined || check(value);

const eventFields: Record<string, Check> = { event_type: text, retry_count: whole, data: isRecord };

const dataFields: Record<string, Check> = {
  id: whole,
  wallet: orNull(text),
  cryptocurrency: orNull(text),
  network: orNull(text),
  payer_wallet: orAbsent(orNull(text)),
  transaction_id: orAbsent(orNull(text)),
  source_currency: orAbsent(text),
  source_amount: orAbsent(text),
  paid_at: orAbsent(orNull(whole)),
  received_amount: orAbsent(text),
  final_amount: text,
  requested_amount: text,
  status: text,
  client_reference_id: text,
  metadata: orNull(text),
  created_at: whole,
  expire_at: whole,
};

/** The event, or a sentence saying what is wrong with the bytes. */
export function readEvent(body: Uint8Array): WebhookEvent | string {
  const value = parse(body);
  if (!isRecord(value)) return 'The body is not a JSON object.';
  const fault = firstFault(value, eventFields);
  if (fault !== null) return `The event's ${fault} is missing or not of the documented type.`;
  const dataFault = isRecord(value.data) ? firstFault(value.data, dataFields) : 'data';
  if (dataFault !== null) return `The event's data.${dataFault} is missing or not of the documented type.`;
  return value as WebhookEvent;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstFault(value: Record<string, unknown>, fields: Record<string, Check>): string | null {
  const faulty = Object.entries(fields).find(
    ([name, check]) => !check(Object.hasOwn(value, name) ? value[name] : undefined),
  );
  return faulty?.[0] ?? null;
}
