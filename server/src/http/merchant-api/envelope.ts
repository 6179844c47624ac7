/** The documented envelope around every answer, and the two shapes of an error in it. */
import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { toJson, type WireValue } from '../wire.ts';

/** What is wrong with which field; a fault of the whole body goes under `body`. */
export type FieldErrors = Record<string, string[]>;

/** Ends a request with a 400 that names each faulty field. */
export class InvalidRequest extends Error {
  override name = 'InvalidRequest';
  readonly errors: FieldErrors;
  constructor(errors: FieldErrors) {
    super('Invalid request data');
    this.errors = errors;
  }
}

/** Ends a request with any other error status. `retryAfter` in seconds. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  readonly retryAfter: number | null;
  constructor(status: number, message: string, retryAfter: number | null = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export function sendData(reply: FastifyReply, data: WireValue): FastifyReply {
  return send(reply, 200, { success: true, data });
}

export function sendInvalid(reply: FastifyReply, errors: FieldErrors): FastifyReply {
  return send(reply, 400, { success: false, data: { message: 'Invalid request data', errors } });
}

export function sendError(reply: FastifyReply, status: number, message: string): FastifyReply {
  const data = { name: STATUS_CODES[status] ?? 'Error', message, code: 0, status };
  return send(reply, status, { success: false, data });
}

function send(reply: FastifyReply, status: number, body: WireValue): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(toJson(body));
}
