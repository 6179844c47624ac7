/** What to do about a request that did not deliver: the name of a hint; null where it delivered. */
import type { FetchFaultClass } from '../../../../server/src/lib/fetch-outcome.ts';

const byFault: Record<Exclude<FetchFaultClass, 'aborted'>, string> = {
  blocked: 'blocked',
  dns: 'dns',
  connect: 'connect',
  tls: 'tls',
  timeout: 'timeout',
  reset: 'reset',
  protocol: 'protocol',
  'too-large-headers': 'too_large',
};

export function hintOf(status: number | null, fault: string | null): string | null {
  if (status === null) return fault === null ? null : (byFault[fault as keyof typeof byFault] ?? 'reset');
  if (status === 200) return null;
  if (status < 300) return 'success';
  if (status < 400) return 'redirect';
  if (status === 401 || status === 407) return 'auth';
  if (status === 404 || status === 410) return 'missing';
  if (status === 405) return 'method';
  return status < 500 ? 'refused' : 'server';
}
