/** How the app asks the server: JSON below the app's own address, with the session's cookie; an answer or a Refusal. */
import type { ErrorAnswer } from '../../../server/src/http/dashboard-api/errors.ts';
import type { FieldFault } from '../words/faults.ts';

/** The server's address for this app, wherever a proxy may have put it. */
const root = new URL('./api/', document.baseURI);

/** The server said no, or could not be reached (`status` 0). `fields` says what was wrong with which field. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Record<string, FieldFault[]>;

  constructor(status: number, code: string, message: string, fields: Record<string, FieldFault[]> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
type Ask = { body?: unknown; query?: Record<string, string | number | undefined>; signal?: AbortSignal };

/** The address of a call, for links that the browser itself follows, such as exports. */
export function address(path: string, query: Ask['query'] = {}): string {
  const url = new URL(path, root);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** Throws a Refusal for everything but success. */
export async function ask<Answer>(
  method: Method,
  path: string,
  { body, query, signal }: Ask = {},
): Promise<Answer> {
  const response = await fetch(address(path, query), {
    method,
    credentials: 'same-origin',
    ...(body === undefined && method === 'GET'
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) }),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new Refusal(0, 'unreachable', 'The server cannot be reached.');
  });
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  throw refusal(response.status, answer);
}

function refusal(status: number, answer: unknown): Refusal {
  const { error } = (answer ?? {}) as Partial<ErrorAnswer>;
  return new Refusal(
    status,
    error?.code ?? 'failed',
    error?.message ?? `The server answered ${status}.`,
    Object.fromEntries(
      Object.entries(error?.fields ?? {}).map(([field, texts]) => [
        field,
        texts.map((text, index) => ({ text, rule: error?.rules?.[field]?.[index] ?? null })),
      ]),
    ),
  );
}
