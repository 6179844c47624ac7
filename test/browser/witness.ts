/** Whom a page asked for something, and what the browser had to complain of: errors, exceptions, broken policies. */
import type { BrowserContext, Request } from 'playwright-core';

export type Witness = { requests: Request[]; complaints: string[] };

/** Begins to watch; what was before is not told. */
export function watchContext(context: BrowserContext): Witness {
  const witness: Witness = { requests: [], complaints: [] };
  context.on('request', request => witness.requests.push(request));
  context.on('console', message => {
    if (message.type() === 'error') witness.complaints.push(`${message.text()} ${message.location().url}`);
  });
  context.on('weberror', error => witness.complaints.push(String(error.error())));
  return witness;
}

/** The addresses asked that are not below `origin`. */
export const strangers = ({ requests }: Witness, origin: string): string[] =>
  requests
    .map(request => request.url())
    .filter(url => !url.startsWith(`${origin}/`) && !/^(data|about|blob):/.test(url));
