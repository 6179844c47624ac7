/**
 * The way back of whoever has begun to pay by a link: a cookie holds the token of the form that made their invoice. A link that may
 * be paid once is busy with just that invoice, and would lock out the one payer it is for.
 */
import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isEnded } from '../../domain/invoice.ts';
import type { Db } from '../../store/db.ts';
import { findUse } from '../../store/payment-links.ts';
import { langOf } from '../checkout-api/query.ts';

/** 128 bits in base64url: the ids of links and the tokens of forms. */
export const NAME = /^[A-Za-z0-9_-]{22}$/;

const COOKIE = 'cryptoscan-paying';
/** In seconds: as long as an amount is held after its time by default, and a late payment asked about. */
const AGE = 24 * 3600;

/** The payer's own invoice by a link: the address of its page, and whether it has ended. */
type OwnUse = { page: string; isOver: boolean };

export async function readCookies(app: FastifyInstance): Promise<void> {
  await app.register(cookie);
}

/** Null where the request brings no token that has made an invoice by this very link. */
export async function ownUse(
  { db }: { db: Db },
  request: FastifyRequest,
  id: string,
): Promise<OwnUse | null> {
  const token = request.cookies[COOKIE];
  const use = token !== undefined && NAME.test(token) ? await findUse(db, { id, token }) : null;
  return use && { page: pageOf(request, use.pageId), isOver: isEnded(use.status) };
}

/** Sent back with requests for this link alone, and never with a form of another site. */
export function rememberUse(
  reply: FastifyReply,
  { id, token, baseUrl }: { id: string; token: string; baseUrl: string },
): void {
  const { pathname, protocol } = new URL(baseUrl);
  const path = `${pathname.replace(/\/$/, '')}/pay/${id}`;
  const secure = protocol === 'https:';
  reply.setCookie(COOKIE, token, { path, secure, httpOnly: true, sameSite: 'lax', maxAge: AGE });
}

/** Relative, so that it holds below any path a proxy may add. */
export function pageOf(request: FastifyRequest, pageId: string): string {
  const lang = langOf(request);
  const query = lang ? `?${new URLSearchParams({ lang })}` : '';
  return `../payment/${pageId}${query}`;
}

export const lead = (reply: FastifyReply, page: string): FastifyReply =>
  reply.code(303).header('location', page).send();
