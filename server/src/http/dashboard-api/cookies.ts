/**
 * The two cookies. `__Host-` binds a cookie to this very host over https; over http, which only a loopback base URL may
 * have, browsers refuse that prefix, and the plain name is used. Scripts read neither.
 */
import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../../lib/relying-party.ts';

const SESSION_AGE = 30 * 24 * 3600;
const DEVICE_AGE = 400 * 24 * 3600;
const TOKEN = /^[\w-]{43}$/;

type Kind = 'session' | 'device';

export async function readCookies(app: FastifyInstance): Promise<void> {
  await app.register(cookie);
}

/** The token a request carries; null when there is none, or it has no token's form. */
export function cookieOf(request: FastifyRequest, kind: Kind, baseUrl: string): string | null {
  const value = request.cookies[nameOf(kind, baseUrl)];
  return value !== undefined && TOKEN.test(value) ? value : null;
}

export function setCookie(reply: FastifyReply, kind: Kind, token: string, baseUrl: string): void {
  const maxAge = kind === 'session' ? SESSION_AGE : DEVICE_AGE;
  reply.setCookie(nameOf(kind, baseUrl), token, { ...attributes(baseUrl), maxAge });
}

export function clearSession(reply: FastifyReply, baseUrl: string): void {
  reply.clearCookie(nameOf('session', baseUrl), attributes(baseUrl));
}

function attributes(baseUrl: string) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: !isPlain(baseUrl) } as const;
}

function nameOf(kind: Kind, baseUrl: string): string {
  return isPlain(baseUrl) ? `cryptoscan-${kind}` : `__Host-${kind}`;
}

const isPlain = (baseUrl: string): boolean => baseUrl.startsWith('http:') && isLoopback(baseUrl);
