/** The documented envelope around every answer, the two shapes of an error in it, and how both are written. */
import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { toJson, type WireValue } from '../wire.ts';
import { type Format, formatOf } from './format.ts';
import { toXml } from './xml.ts';

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

/** Ends a request with an answer that was given before, byte for byte. */
export class Replay extends Error {
  override name = 'Replay';
  readonly answer: Written;
  constructor(answer: Written) {
    super('This was answered before');
    this.answer = answer;
  }
}

/** What is answered, before it is written as JSON or XML. */
export type Answer = { status: number; body: WireValue };

export function dataAnswer(data: WireValue): Answer {
  return { status: 200, body: { success: true, data } };
}

export function invalidAnswer(errors: FieldErrors): Answer {
  return { status: 400, body: { success: false, data: { message: 'Invalid request data', errors } } };
}

export function errorAnswer(status: number, message: string): Answer {
  const data = { name: STATUS_CODES[status] ?? 'Error', message, code: 0, status };
  return { status, body: { success: false, data } };
}

/** An answer as it goes out. */
export type Written = { status: number; contentType: string; body: string };

export function write({ status, body }: Answer, format: Format): Written {
  if (format === 'xml') return { status, contentType: 'application/xml; charset=utf-8', body: toXml(body) };
  return { status, contentType: 'application/json; charset=utf-8', body: toJson(body) };
}

export function sendData(reply: FastifyReply, data: WireValue): FastifyReply {
  return send(reply, dataAnswer(data));
}

export function sendError(reply: FastifyReply, status: number, message: string): FastifyReply {
  return send(reply, errorAnswer(status, message));
}

export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return sendWritten(reply, write(answer, formatOf(reply.request).format));
}

export function sendWritten(reply: FastifyReply, { status, contentType, body }: Written): FastifyReply {
  return reply.code(status).header('vary', 'accept').type(contentType).send(body);
}
