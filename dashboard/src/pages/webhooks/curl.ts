/** A request as a command for a shell: exactly what was sent, without what must stay secret. */
import type { RequestAnswer } from '../../../../server/src/http/dashboard-api/webhook-answers.ts';

/** Written by the server in place of a secret. */
const HIDDEN = '(hidden)';

export function curlOf({ url, request_headers, request_body }: RequestAnswer): string {
  const headers = (request_headers ?? [['content-type', 'application/json']]).filter(
    ([, value]) => value !== HIDDEN,
  );
  return [
    `curl -i -X POST ${quoted(url ?? '')}`,
    ...headers.map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)}`),
    `  --data-raw ${quoted(request_body)}`,
  ].join(' \\\n');
}

/** Nothing in single quotes means anything to a shell, but for the quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
