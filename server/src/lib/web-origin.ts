/**
 * Origins and hosts as a merchant names them. They end in a header of the payer's page, whose words are told apart by
 * spaces and semicolons and in which `*` means anybody, so that only plain names pass.
 */
import { fail, ok, type Result } from './result.ts';
import { isLocalhost } from './webhook-url.ts';

/** Labels of letters, digits and hyphens: what a host may be in a Content-Security-Policy (CSP 3, section 2.3.1). */
const NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/;

/** What is saved is what was meant: the URL standard would pass over a path, a user name and spaces around in silence. */
const ORIGIN = /^https?:\/\/[^/?#\\@\s]+$/i;
const HOST = /^[^/?#\\@\s:]+(:\d+)?$/;

/** An origin as browsers write it: scheme://host, and the port where it is not the scheme's own. */
export function checkWebOrigin(text: string): Result<string> {
  const url = ORIGIN.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (!url || !NAME.test(url.hostname))
    return fail('must be an origin, scheme://host or scheme://host:port, with nothing after it and no *');
  if (url.protocol === 'http:' && !isLocalhost(url.hostname) && url.hostname !== '127.0.0.1')
    return fail('must be https; http is for localhost alone');
  return ok(url.origin);
}

/** A host as it stands in a URL, with its port where it has one: `shop.example` or `shop.example:8443`. */
export function checkWebHost(text: string): Result<string> {
  const url = HOST.test(text) && URL.canParse(`https://${text}`) ? new URL(`https://${text}`) : null;
  if (!url || !NAME.test(url.hostname))
    return fail('must be a host such as shop.example or shop.example:8443');
  return ok(url.host);
}
