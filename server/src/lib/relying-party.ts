/**
 * Whom passkeys are made for: the host of the base URL. An IP address cannot be one (WebAuthn level 3, section 5.1.3), so
 * on this machine it is `localhost`, and elsewhere there are no passkeys without a name.
 */
import { isIP } from 'node:net';

export type RelyingParty = { id: string; origins: string[] };

/** null where there can be none. */
export function relyingParty(baseUrl: string): RelyingParty | null {
  const { hostname, protocol } = new URL(baseUrl);
  if (isLoopback(baseUrl)) return { id: 'localhost', origins: ownOrigins(baseUrl) };
  if (protocol !== 'https:' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return null;
  return { id: hostname, origins: ownOrigins(baseUrl) };
}

/** Origins that are ours: that of the base URL; on this machine under each of its names. */
export function ownOrigins(baseUrl: string): string[] {
  const { origin, port, protocol } = new URL(baseUrl);
  if (!isLoopback(baseUrl)) return [origin];
  const suffix = port === '' ? '' : `:${port}`;
  return ['localhost', '127.0.0.1', '[::1]'].map(name => `${protocol}//${name}${suffix}`);
}

/** Whether a URL is on this machine, where http is as good as https. */
export function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}
