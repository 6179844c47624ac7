/** Whatever goes wrong in the merchant API leaves in the documented envelope, and nothing internal leaves with it. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Overloaded } from '../../lib/group.ts';
import { isUnavailable } from '../../store/db.ts';
import {
  type Answer,
  errorAnswer,
  HttpError,
  InvalidRequest,
  invalidAnswer,
  Replay,
  send,
  sendError,
  sendWritten,
} from './envelope.ts';

const RETRY_SECONDS = 1;
const TYPES = 'application/json or application/x-www-form-urlencoded';

export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answer(error, request, reply));
  app.setNotFoundHandler((_request, reply) => sendError(reply, 404, 'Page not found.'));
}

/** Answers 405 with `Allow` for the other methods of a path that has routes. HEAD goes with GET. */
export function refuseOtherMethods(app: FastifyInstance, url: string, routes: readonly Method[]): void {
  const allowed: Method[] = routes.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const list = allowed.join(', ');
  app.route({
    method: METHODS.filter(method => !allowed.includes(method)),
    url,
    handler: (_request, reply) => {
      reply.header('allow', list);
      return sendError(reply, 405, `Method Not Allowed. This URL can only handle: ${list}.`);
    },
  });
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;
type Method = (typeof METHODS)[number];

/** What a request is answered that was ended by InvalidRequest or HttpError; null for any other error. */
export function answerTo(error: Error): Answer | null {
  if (error instanceof InvalidRequest) return invalidAnswer(error.errors);
  return error instanceof HttpError ? errorAnswer(error.status, error.message) : null;
}

function answer(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Replay) return sendWritten(reply, error.answer);
  const said = answerTo(error);
  if (error instanceof HttpError && error.retryAfter !== null) reply.header('retry-after', error.retryAfter);
  if (said) return send(reply, said);
  if (error instanceof Overloaded || isUnavailable(error)) {
    request.log.warn({ err: error }, 'request refused: not available');
    reply.header('retry-after', RETRY_SECONDS);
    return sendError(reply, 503, 'The service is not available at the moment. Try again.');
  }
  if (error.statusCode === 413) return sendError(reply, 413, 'The request body is too large.');
  if (error.statusCode === 415) return sendError(reply, 415, `The content type must be ${TYPES}.`);
  if (error.statusCode !== undefined && error.statusCode < 500)
    return send(reply, invalidAnswer({ body: [error.message] }));
  request.log.error({ err: error }, 'request failed');
  return sendError(reply, 500, 'An internal server error occurred.');
}
