/** The one shape of an error in the dashboard's API: `{ error: { code, message, fields? } }`; nothing internal leaves. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { InputFault } from '../../commands/faults.ts';
import type { PlainRefusal, Refusal } from '../../commands/refusal.ts';
import type { Rule } from '../../commands/rule.ts';
import { Overloaded } from '../../lib/group.ts';
import type { Result } from '../../lib/result.ts';
import { isUnavailable } from '../../store/db.ts';
import type { ErrorCode } from './codes.ts';

/** What the app reads. `code` is one of a closed set; `message` is for people; `fields` names each faulty field
 * with its faults in English, `rules` the same as codes for whoever speaks another language (null: there is no code). */
export type ErrorAnswer = {
  error: {
    code: ErrorCode;
    message: string;
    fields?: Record<string, string[]>;
    rules?: Record<string, (Rule | null)[]>;
  };
};

/** Ends a request with an error. `retryAfter` in seconds. */
export class DashboardError extends Error {
  override name = 'DashboardError';
  readonly status: number;
  readonly code: ErrorCode;
  readonly fields: Record<string, string[]> | null;
  readonly rules: Record<string, (Rule | null)[]> | null;
  readonly retryAfter: number | null;
  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    more: {
      fields?: Record<string, string[]>;
      rules?: Record<string, (Rule | null)[]>;
      retryAfter?: number;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = more.fields ?? null;
    this.rules = more.rules ?? null;
    this.retryAfter = more.retryAfter ?? null;
  }
}

const refusals: Record<PlainRefusal, [status: number, code: ErrorCode, message: string]> = {
  wrong: [401, 'wrong_credentials', 'That is not right.'],
  link_over: [404, 'link_over', 'This link is not known, was used, or is over.'],
  set_up_closed: [404, 'not_found', 'There is nothing here.'],
  not_found: [404, 'not_found', 'There is nothing here.'],
  forbidden: [403, 'forbidden', 'You may not do this.'],
  member_already: [409, 'member_already', 'There is a membership already.'],
  last_owner: [409, 'last_owner', 'An account needs an owner.'],
  sign_in_first: [409, 'sign_in_first', 'Sign in as the person invited, then open the link again.'],
  for_somebody_else: [409, 'for_somebody_else', 'This invitation is for another person.'],
  enrolled_already: [409, 'enrolled_already', 'This is set up already.'],
  not_enrolled: [409, 'not_enrolled', 'This is not set up.'],
  too_many_passkeys: [409, 'too_many_passkeys', 'There are too many passkeys; remove one first.'],
  too_many_invitations: [409, 'too_many_invitations', 'There are too many open invitations.'],
  passkeys_unavailable: [409, 'passkeys_unavailable', 'Passkeys need a base URL with https and a host name.'],
};

/** The value, or the error a refusal is at the edge. */
export function accepted<T>(judged: Result<T, Refusal>): T {
  if (judged.ok) return judged.value;
  const { fault } = judged;
  if (fault.code === 'too_many') throw tooMany(fault.seconds);
  if (fault.code !== 'invalid') throw new DashboardError(...refusals[fault.code]);
  throw invalidFields(fault.faults);
}

/** Tells all faults at once, by field. */
export function invalidFields(faults: readonly InputFault[]): DashboardError {
  const fields: Record<string, string[]> = {};
  const rules: Record<string, (Rule | null)[]> = {};
  for (const { field, text, rule = null } of faults) {
    fields[field] = [...(fields[field] ?? []), text];
    rules[field] = [...(rules[field] ?? []), rule];
  }
  return new DashboardError(400, 'invalid', 'Some fields are not right.', { fields, rules });
}

export function tooMany(seconds: number): DashboardError {
  return new DashboardError(429, 'too_many', 'Too many tries. Try again later.', { retryAfter: seconds });
}

export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answer(error, request, reply));
  app.setNotFoundHandler((_request, reply) =>
    send(reply, { status: 404, code: 'not_found', message: 'There is nothing here.' }),
  );
  // Or else the app's page would be the answer, which is given at every other address below /dashboard.
  app.get('/*', (_request, reply) => reply.callNotFound());
}

function answer(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof DashboardError) {
    if (error.retryAfter !== null) reply.header('retry-after', error.retryAfter);
    return send(reply, error);
  }
  if (error instanceof Overloaded || isUnavailable(error)) {
    request.log.warn({ err: error }, 'dashboard request refused: not available');
    reply.header('retry-after', 1);
    return send(reply, {
      status: 503,
      code: 'unavailable',
      message: 'The service is not available at the moment. Try again.',
    });
  }
  const { statusCode } = error;
  if (statusCode === 413)
    return send(reply, { status: 413, code: 'too_large', message: 'The request is too large.' });
  if (statusCode === 415)
    return send(reply, { status: 415, code: 'not_json', message: 'Only application/json can be sent here.' });
  if (statusCode !== undefined && statusCode < 500)
    return send(reply, { status: 400, code: 'invalid', message: 'The request cannot be read.' });
  request.log.error({ err: error }, 'dashboard request failed');
  return send(reply, { status: 500, code: 'internal', message: 'An internal server error occurred.' });
}

type Told = Pick<DashboardError, 'status' | 'code' | 'message'> &
  Partial<Pick<DashboardError, 'fields' | 'rules'>>;

function send(reply: FastifyReply, { status, code, message, fields, rules }: Told): FastifyReply {
  const body: ErrorAnswer = { error: { code, message, ...(fields && { fields }), ...(rules && { rules }) } };
  return reply.code(status).send(body);
}
