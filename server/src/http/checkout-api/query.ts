/** What the address of a page may say besides its name; anything else in it is passed over. */
import type { Language, Notice } from '@cryptoscan/checkout';
import { negotiateLanguage } from '@cryptoscan/checkout';
import type { FastifyRequest } from 'fastify';

const notices: Record<Notice, true> = {
  no_amount: true,
  network_behind: true,
  unavailable: true,
  payment_seen: true,
  changes_used: true,
  ended: true,
};

/** A tag is at most this long; what is longer is none. */
const LONGEST_TAG = 35;

/** The language the payer asked for by the link; null where it asks for none. */
export function langOf(request: FastifyRequest): string | null {
  const text = textOf(request, 'lang');
  return text && text.length <= LONGEST_TAG ? text : null;
}

export function noticeOf(request: FastifyRequest): Notice | undefined {
  const text = textOf(request, 'notice');
  return text !== null && Object.hasOwn(notices, text) ? (text as Notice) : undefined;
}

/** `invoiceLang` is what the shop asked for, `usual` what its merchant set for payers who ask for nothing we have. */
export function languageOf(
  request: FastifyRequest,
  invoiceLang: string | null,
  usual: Language | null = null,
): Language {
  const accepted = request.headers['accept-language'] ?? null;
  return negotiateLanguage(langOf(request), invoiceLang, accepted, usual);
}

/** A parameter that is given once. */
export function textOf({ query }: FastifyRequest, name: string): string | null {
  const value = (query as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : null;
}
