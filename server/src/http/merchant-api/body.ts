/**
 * From raw bytes to fields. The body is read with its number texts, key order and doubled keys, since the signature is
 * made from them; only then is it flattened into the fields the routes validate.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { readForm } from '../../lib/form.ts';
import { type JsonFault, type JsonNode, readJson } from '../../lib/json-tokens.ts';
import type { Result } from '../../lib/result.ts';
import { HttpError, InvalidRequest } from './envelope.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The bytes of the body as they came; null where there was none. */
    rawBody: Buffer | null;
  }
}

/** A JSON number as it was written. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Fields = Record<string, unknown>;

/** No body signs and means the same as an empty one. */
const EMPTY: JsonNode = { type: 'array', items: [] };

/** No documented body nests or has more than a dozen fields; this much leaves room for a helpful answer. */
const LIMITS = { maxDepth: 4, maxValues: 64 };

/** Names that mean something to JavaScript objects; no documented field has one. */
const UNSAFE_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  // The size is judged before the type; Fastify by itself looks at the type first.
  app.addHook('onRequest', async (request, reply) => {
    const { bodyLimit = Number.POSITIVE_INFINITY } = app.initialConfig;
    if (Number(request.headers['content-length'] ?? 0) <= bodyLimit) return;
    reply.header('connection', 'close');
    throw new HttpError(413, 'The request body is too large.');
  });
  app.decorateRequest('rawBody', null);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    request.rawBody = body;
    parse(body.length === 0 ? { ok: true, value: EMPTY } : readJson(body, LIMITS), done);
  });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      request.rawBody = body;
      if (isUtf8(body)) parse(readForm(body.toString('utf8')), done);
      else done(new InvalidRequest({ body: ['The body is not valid UTF-8.'] }));
    },
  );
}

function parse(read: Result<JsonNode, JsonFault>, done: (error: Error | null, body?: unknown) => void): void {
  if (read.ok) done(null, read.value);
  else done(new InvalidRequest({ body: [read.fault.text] }));
}

/** The body of a request as it was read; `request.body` is undefined where none was sent. */
export function bodyOf(request: { body: unknown }): JsonNode {
  return (request.body as JsonNode | undefined) ?? EMPTY;
}

/** The fields of a body; of a field given twice the last one counts, as in PHP. Throws InvalidRequest. */
export function fieldsOf(body: JsonNode): Fields {
  if (body === null || typeof body !== 'object' || body.type === 'number') throw notAnObject();
  if (body.type === 'array') {
    if (body.items.length > 0) throw notAnObject();
    return {};
  }
  const unsafe = body.entries.find(([name]) => UNSAFE_NAMES.has(name));
  if (unsafe) throw new InvalidRequest({ body: [`The body must not have a field named ${unsafe[0]}.`] });
  return Object.fromEntries(body.entries.map(([name, value]) => [name, plain(value)]));
}

function notAnObject(): InvalidRequest {
  return new InvalidRequest({ body: ['The body must be an object of named fields.'] });
}

function plain(value: JsonNode): unknown {
  if (value === null || typeof value !== 'object') return value;
  return value.type === 'number' ? new NumberText(value.text) : value;
}
