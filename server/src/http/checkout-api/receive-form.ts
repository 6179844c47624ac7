/** What every form of a page passes before it counts: its sender, its kind and size, and how many there were. */
import type { Notice } from '@cryptoscan/checkout';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PageFacts } from '../../store/pages.ts';
import { HttpError } from '../merchant-api/envelope.ts';
import { type FindDeps, requestedPage } from './find-page.ts';
import { isFromOwnPage } from './own-page.ts';
import { spendForm } from './page-limits.ts';
import { langOf } from './query.ts';

const FORM = 'application/x-www-form-urlencoded';
const BODY_LIMIT = 4096;

export type FormDeps = FindDeps & {
  /** Where payers reach this installation, without a slash at the end. */
  baseUrl: () => string;
};

/** Takes forms, and nothing else, from our own pages. */
export function receiveForms(app: FastifyInstance, { baseUrl }: Pick<FormDeps, 'baseUrl'>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: BODY_LIMIT }, (_request, body, done) =>
    done(null, new URLSearchParams(body.toString())),
  );
  app.addHook('onRequest', async request => {
    if (!isFromOwnPage(request, baseUrl())) throw new HttpError(403, 'This form was sent from another site.');
    // One that says nothing of its kind would pass without being read.
    if (request.headers['content-type'] === undefined)
      throw new HttpError(415, 'Only a form can be sent here.');
  });
}

/** The page a form is for. Throws as `requestedPage`, and the 429 of too many forms. */
export async function formPage(deps: FormDeps, request: FastifyRequest): Promise<PageFacts> {
  const facts = await requestedPage(deps, request);
  if (deps.pageLimits) spendForm(deps.pageLimits, request, { pageId: facts.page.id, now: deps.clock.now() });
  return facts;
}

/** The value of a field that is there once; null otherwise. */
export function fieldOf({ body }: FastifyRequest, name: string): string | null {
  const values = body instanceof URLSearchParams ? body.getAll(name) : [];
  return values.length === 1 ? (values[0] ?? null) : null;
}

/** After a form the browser gets the page anew, so that loading it again sends nothing again. `also`: more for its address. */
export function backToPage(
  request: FastifyRequest,
  reply: FastifyReply,
  { pageId, notice, also = {} }: { pageId: string; notice: Notice | null; also?: Record<string, string> },
): FastifyReply {
  const query = new URLSearchParams(also);
  const lang = langOf(request);
  if (lang) query.set('lang', lang);
  if (notice) query.set('notice', notice);
  const parameters = query.size > 0 ? `?${query}` : '';
  // Relative, so that it holds below any path a proxy may add.
  return reply.code(303).header('location', `../${pageId}${parameters}`).send();
}
