// The check a merchant's URL passes when it is saved, and once more before every send. It needs no network: names are
// judged when they are resolved (guarded-connector.ts), for what a name answers today says nothing about tomorrow.
import { isIP } from 'node:net';
import { type Cidr, judgeAddress } from './address-guard.ts';
import { fail, ok, type Result } from './result.ts';

const maxLength = 2048;

/** What `localhost` and names below it mean, whatever a resolver says (RFC 6761 section 6.3). */
export const loopbackAddresses: readonly string[] = ['127.0.0.1', '::1'];

/** True for `localhost`, `localhost.` and names below them. */
export function isLocalhost(hostname: string): boolean {
  return /(^|\.)localhost\.?$/i.test(hostname);
}

/** The host of a URL without the brackets of an IPv6 literal. */
export function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/**
 * http and https, no user name or password, any port; a host that is an IP address in any spelling the URL standard
 * knows must be public or inside `allow`. The fault is a sentence for the merchant.
 */
export function checkWebhookUrl(url: string, allow: readonly Cidr[]): Result<URL> {
  if (url.length > maxLength) return fail(`The URL is longer than ${maxLength} characters.`);
  // The URL standard silently drops tabs and line breaks; what is saved should be what is called.
  if (/[\s\p{Cc}]/u.test(url)) return fail('The URL contains spaces or control characters.');
  if (!URL.canParse(url)) return fail('This is not a valid URL.');
  const parsed = new URL(url);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    return fail('The URL must begin with https:// or http://.');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return fail('The URL must not contain a user name or a password.');
  }
  const host = bareHost(parsed.hostname);
  const judged = judgeHost(host, allow);
  return judged.ok ? ok(parsed) : fail(`The URL points to ${host}, which is ${judged.fault}.`);
}

function judgeHost(host: string, allow: readonly Cidr[]): Result<true> {
  if (isIP(host) !== 0) return judgeAddress(host, allow);
  if (!isLocalhost(host)) return ok(true);
  const reachable = loopbackAddresses.some(address => judgeAddress(address, allow).ok);
  return reachable ? ok(true) : fail('this server itself');
}
