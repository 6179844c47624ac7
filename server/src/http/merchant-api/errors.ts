/** Whatever goes wrong in the merchant API leaves in the documented envelope, and nothing internal leaves with it. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Overloaded } from '../../lib/group.ts';
import { isUnavailable } from '../../store/db.ts';
import { HttpError, InvalidRequest, sendError, sendInvalid } from './envelope.ts';

const RETRY_SECONDS = 1;

export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answer(error, request, reply));
  app.setNotFoundHandler((_request, reply) => sendError(reply, 404, 'Page not found.'));
}

/** Answers 405 with `Allow` for the other methods of a path that has routes. */
export function refuseOtherMethods(app: FastifyInstance, url: string, allowed: readonly Method[]): void {
  app.route({
    method: METHODS.filter(method => !allowed.includes(method)),
    url,
    handler: (_request, reply) => {
      reply.header('allow', allowed.join(', '));
      return sendError(reply, 405, `Method Not Allowed. This URL can only handle: ${allowed.join(', ')}.`);
    },
  });
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof METHODS)[number];

function answer(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof InvalidRequest) return sendInvalid(reply, error.errors);
  if (error instanceof HttpError) {
    if (error.retryAfter !== null) reply.header('retry-after', error.retryAfter);
    return sendError(reply, error.status, error.message);
  }
  if (error instanceof Overloaded || isUnavailable(error)) {
    request.log.warn({ err: error }, 'request refused: not available');
    reply.header('retry-after', RETRY_SECONDS);
    return sendError(reply, 503, 'The service is not available at the moment. Try again.');
  }
  if (error.statusCode === 413) return sendError(reply, 413, 'The request body is too large.');
  if (error.statusCode === 415) return sendError(reply, 415, 'The content type must be application/json.');
  if (error.statusCode !== undefined && error.statusCode < 500)
    return sendInvalid(reply, { body: [error.message] });
  request.log.error({ err: error }, 'request failed');
  return sendError(reply, 500, 'An internal server error occurred.');
}
