/** What a browser is told when a request fails: the page that is not there, or one line of text; nothing internal. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isUnavailable } from '../../store/db.ts';
import { HttpError } from '../merchant-api/envelope.ts';
import type { Assets } from './assets.ts';
import { sendText } from './send-text.ts';
import { PageUnknown, sendUnknown } from './unknown-page.ts';

const RETRY_SECONDS = 1;

export function answerErrors(app: FastifyInstance, assets: Assets): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof PageUnknown) return sendUnknown(request, reply, assets);
    return answer(error, request, reply);
  });
  app.setNotFoundHandler((request, reply) => sendUnknown(request, reply, assets));
}

function answer(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof HttpError) {
    if (error.retryAfter !== null) reply.header('retry-after', error.retryAfter);
    return sendText(reply, error.status, error.message);
  }
  if (isUnavailable(error)) {
    request.log.warn({ err: error }, 'page refused: not available');
    reply.header('retry-after', RETRY_SECONDS);
    return sendText(reply, 503, 'The service is not available at the moment. Try again.');
  }
  const { statusCode } = error;
  if (statusCode === 413) return sendText(reply, 413, 'The request is too large.');
  if (statusCode === 415) return sendText(reply, 415, 'Only a form can be sent here.');
  if (statusCode !== undefined && statusCode < 500)
    return sendText(reply, statusCode, 'The request is not valid.');
  request.log.error({ err: error }, 'page failed');
  return sendText(reply, 500, 'An internal server error occurred.');
}

/** Answers 405 with `Allow` for the other methods of a path. HEAD goes with GET. */
export function refuseOtherMethods(app: FastifyInstance, url: string, ...only: ('GET' | 'POST')[]): void {
  const allowed: readonly string[] = only.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  app.route({
    method: METHODS.filter(method => !allowed.includes(method)),
    url,
    // Refused before its body is looked at: what kind it is does not matter.
    onRequest: async (_request, reply) => {
      reply.header('allow', allowed.join(', '));
      return sendText(reply, 405, 'Method not allowed.');
    },
    handler: () => undefined,
  });
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;
