/** A webhook request and what came of it, as they are put on record. */
import type { Outcome } from '../lib/fetch-outcome.ts';

export type Answer = {
  /** null where no answer came; then `error` says why. */
  status: number | null;
  /** A JSON list of pairs. */
  headers: string | null;
  body: string | null;
  /** `class: sentence`. */
  error: string | null;
};

export function answerOf(outcome: Outcome): Answer {
  if (outcome.kind === 'error')
    return {
      status: null,
      headers: null,
      body: null,
      error: storable(`${outcome.class}: ${outcome.message}`),
    };
  const { status, headers, body } = outcome;
  return { status, headers: storable(JSON.stringify(headers)), body: storable(body), error: null };
}

/** Its value opens the merchant's account: it is sent where the merchant wants that, and never written down. */
const SECRET = 'private-key';
const HIDDEN = '(hidden)';

/** The headers of a request as they may be seen: a JSON list of pairs. */
export function shownHeaders(headers: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.entries(headers).map(([name, value]) => [name, name === SECRET ? HIDDEN : value]),
  );
}

/** PostgreSQL text cannot hold NUL. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
