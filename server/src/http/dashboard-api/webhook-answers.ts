/** Deliveries and requests of webhooks as the app reads them. Times in ms. */
import { schedule } from '../../domain/delivery.ts';
import type { TestSent } from '../../flow/send-test-event.ts';
import { bodyText } from '../../flow/webhook-request.ts';
import type { DeliveryState, LoggedDelivery, LoggedRequest, LoggedResend } from '../../store/webhook-log.ts';

/** `next_at`: when the next request is due; null when none is. `last_error` is the class of the fault. */
export type DeliveryAnswer = {
  id: number;
  merchant_id: number;
  invoice_id: number;
  event: string;
  webhook_id: string;
  created_at: number;
  state: DeliveryState;
  requests: number;
  next_at: number | null;
  ended_at: number | null;
  last_status: number | null;
  last_error: string | null;
  last_at: number | null;
  last_ms: number | null;
};

export type Headers = [name: string, value: string][];

/**
 * One request. `error` says why no answer came: its class and a sentence. `request_headers` is null where they were not
 * written down; a header with a secret is there without it.
 */
export type RequestAnswer = {
  at: number | null;
  ms: number | null;
  url: string | null;
  retry_count: number;
  request_headers: Headers | null;
  request_body: string;
  status: number | null;
  headers: Headers;
  body: string | null;
  error: { class: string; message: string } | null;
};

export type ResendAnswer = RequestAnswer & {
  id: number;
  state: 'open' | 'answered' | 'superseded' | 'no_endpoint';
  asked_at: number;
  asked_by: string | null;
};

/** With the ten steps of the schedule: each request's own time, or when it is due, as far as that is known. */
export type DeliveryDetailAnswer = DeliveryAnswer & {
  requests_made: RequestAnswer[];
  resends: ResendAnswer[];
  /** Waits before each request, in ms. */
  schedule: number[];
};

export function deliveryAnswer(row: LoggedDelivery): DeliveryAnswer {
  const { last_started_at: began, last_ended_at: ended } = row;
  return {
    id: row.id,
    merchant_id: row.merchant_id,
    invoice_id: row.invoice_id,
    event: row.type,
    webhook_id: row.webhook_id,
    created_at: row.created_at,
    state: row.state,
    requests: row.attempts,
    next_at: row.state === 'open' ? row.due_at : null,
    ended_at: row.ended_at,
    last_status: row.last_status,
    last_error: faultOf(row.last_error)?.class ?? null,
    last_at: began,
    last_ms: began === null || ended === null ? null : ended - began,
  };
}

export function deliveryDetail(
  row: LoggedDelivery & { data: string },
  { requests, resends }: { requests: readonly LoggedRequest[]; resends: readonly LoggedResend[] },
): DeliveryDetailAnswer {
  return {
    ...deliveryAnswer(row),
    requests_made: requests.map(request => requestAnswer(row, request)),
    resends: resends.map(resend => ({
      ...requestAnswer(row, resend),
      id: resend.id,
      state: resend.state,
      asked_at: resend.asked_at,
      asked_by: resend.asked_by,
    })),
    schedule: [...schedule],
  };
}

function requestAnswer(
  { type, data }: Pick<LoggedDelivery, 'type'> & { data: string },
  request: LoggedRequest,
): RequestAnswer {
  const { started_at: began, ended_at: ended } = request;
  return {
    at: began,
    ms: began === null || ended === null ? null : ended - began,
    url: request.url,
    retry_count: request.retry_count,
    request_headers: request.request_headers === null ? null : headersOf(request.request_headers),
    request_body: bodyText({ type, data, attempts: request.retry_count }),
    status: request.status,
    headers: request.headers === null ? [] : headersOf(request.headers),
    body: request.body,
    error: faultOf(request.error),
  };
}

/** A test of the endpoint: a request like every other, of which nothing is kept. */
export function testAnswer(url: string, sent: TestSent): RequestAnswer {
  return {
    at: sent.startedAt,
    ms: sent.endedAt - sent.startedAt,
    url,
    retry_count: 0,
    request_headers: headersOf(sent.requestHeaders),
    request_body: sent.requestBody,
    status: sent.status,
    headers: sent.headers === null ? [] : headersOf(sent.headers),
    body: sent.body,
    error: faultOf(sent.error),
  };
}

/** What the dispatcher has written down: a JSON list of pairs. */
const headersOf = (text: string) => JSON.parse(text) as Headers;

/** `class: sentence`, as the dispatcher has written it down. */
function faultOf(error: string | null): { class: string; message: string } | null {
  if (error === null) return null;
  const cut = error.indexOf(': ');
  return { class: error.slice(0, cut), message: error.slice(cut + 2) };
}
