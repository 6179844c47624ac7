/** One line of plain text, for when there is no page to show. */
import type { FastifyReply } from 'fastify';

export function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}
