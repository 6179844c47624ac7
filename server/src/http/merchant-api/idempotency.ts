/**
 * `Idempotency-Key`: a request that changes something, sent again with its key and body, gets the first answer again,
 * byte for byte. A create stores its answer in its own transaction (commands/create-once.ts). A confirmation may be
 * repeated without harm: it claims its key before, and stores its answer after.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CreateInvoice, Answer as Made } from '../../commands/create-invoice.ts';
import type { Once } from '../../commands/create-once.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Group } from '../../lib/group.ts';
import { type Db, transact } from '../../store/db.ts';
import { type Claim, claimKeys, findKept, type KeptAnswer, settleKeys } from '../../store/idempotency.ts';
import type { WireValue } from '../wire.ts';
import { merchantOf } from './auth.ts';
import { dataAnswer, HttpError, InvalidRequest, Replay, sendWritten, write } from './envelope.ts';
import { answerTo } from './errors.ts';
import { formatOf } from './format.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Of a request that is the first with its key. `claimed`: the key is held for it; `settled`: its answer is somebody
     * else's care, or is not to be kept.
     */
    once: { claim: Claim; state: 'open' | 'claimed' | 'settled' } | null;
  }
}

export type OnceDeps = { db: Db; clock: Clock };

/** A request waits up to 5 s for a twin that is under way. */
const LOOKS = 100;
const BETWEEN_LOOKS = 50;
const RETRY_SECONDS = 1;

/** For the routes of this scope: known answers are repeated, and the first answer of each key is kept. */
export function answerOnce(app: FastifyInstance, deps: OnceDeps): void {
  app.decorateRequest('once', null);
  app.addHook('preHandler', async (request, reply) => {
    const claim = claimOf(request);
    if (!claim) return;
    const kept = await keptAnswer(deps, claim);
    if (kept) return sendWritten(reply, kept);
    request.once = { claim, state: 'open' };
  });
  app.addHook('onSend', async (request, reply, payload) => {
    await keep(deps, request, { reply, payload }).catch(error =>
      request.log.warn({ err: error }, 'the answer of an idempotency key was not kept'),
    );
    return payload;
  });
}

/** For the routes of this scope, too: the key is held before the work is begun. Belongs inside `answerOnce`. */
export function claimBefore(app: FastifyInstance, deps: OnceDeps): void {
  app.addHook('preHandler', async request => {
    const { once } = request;
    if (!once) return;
    const isMine = async () => (await claimKeys(deps.db, [once.claim], deps.clock.now()))[0] || null;
    await untilFree(deps, once.claim, isMine).catch(error => {
      once.state = 'settled';
      throw error;
    });
    once.state = 'claimed';
  });
}

/** What a create needs to count once; null without a key. `said` is what its outcome is answered with. */
export function onceOf(request: FastifyRequest, said: (made: Made) => WireValue | Error): Once | null {
  const { once } = request;
  if (!once) return null;
  once.state = 'settled';
  const { format } = formatOf(request);
  const answer = (made: Made): KeptAnswer | null => {
    const data = said(made);
    const answered = data instanceof Error ? answerTo(data) : dataAnswer(data);
    return answered && isKept(answered.status) ? write(answered, format) : null;
  };
  return { claim: once.claim, answer };
}

/** Creates; where the key is another request's, waits for that one and repeats its answer. */
export function createOnce(deps: OnceDeps, create: Group<CreateInvoice, Made>): Group<CreateInvoice, Made> {
  return async command => {
    const tried = async () => {
      const made = await create(command);
      return !made.ok && made.fault === 'key_in_use' ? null : made;
    };
    return command.once ? untilFree(deps, command.once.claim, tried) : create(command);
  };
}

/** Tries until it answers something, the key has an answer, or the patience is at its end. */
async function untilFree<T>(deps: OnceDeps, claim: Claim, tried: () => Promise<T | null>): Promise<T> {
  for (let look = 0; look < LOOKS; look++) {
    const outcome = await tried();
    if (outcome !== null) return outcome;
    const kept = await keptAnswer(deps, claim);
    if (kept) throw new Replay(kept);
    await sleep(BETWEEN_LOOKS);
  }
  const text = 'The first request with this Idempotency-Key is still under way. Try again.';
  throw new HttpError(409, text, RETRY_SECONDS);
}

/** The answer under a key; null while there is none. Throws the 409 of a key that was used with another body. */
async function keptAnswer({ db, clock }: OnceDeps, claim: Claim): Promise<KeptAnswer | null> {
  const kept = await findKept(db, claim, clock.now());
  if (kept && !kept.bodyHash.equals(claim.bodyHash))
    throw new HttpError(409, 'This Idempotency-Key was used with another body.');
  return kept?.answer ?? null;
}

async function keep(
  { db, clock }: OnceDeps,
  { once }: FastifyRequest,
  { reply, payload }: { reply: FastifyReply; payload: unknown },
): Promise<void> {
  if (!once || once.state === 'settled' || typeof payload !== 'string') return;
  const { claim, state } = once;
  const contentType = String(reply.getHeader('content-type'));
  const { statusCode: status } = reply;
  const answer = isKept(status) ? { status, contentType, body: payload } : null;
  if (state === 'claimed') return settleKeys(db, [{ claim, answer }]);
  if (!answer) return;
  await transact(db, async tx => {
    const [isMine] = await claimKeys(tx, [claim], clock.now());
    if (isMine) await settleKeys(tx, [{ claim, answer }]);
  });
}

/** What may be another answer the next time is not kept. */
const isKept = (status: number): boolean => status < 500 && status !== 401 && status !== 429;

/** Printable ASCII. */
const KEY = /^[\x20-\x7E]{1,255}$/;

function claimOf(request: FastifyRequest): Claim | null {
  const { 'idempotency-key': key } = request.headers;
  if (key === undefined) return null;
  const times = request.raw.rawHeaders.filter(
    (name, index) => index % 2 === 0 && /^idempotency-key$/i.test(name),
  );
  if (typeof key !== 'string' || times.length > 1 || !KEY.test(key)) {
    const text = 'Idempotency-Key must be given once, as 1 to 255 printable ASCII characters.';
    throw new InvalidRequest({ 'Idempotency-Key': [text] });
  }
  return {
    merchantId: merchantOf(request).merchantId,
    method: request.method,
    path: pathOf(request),
    key,
    bodyHash: createHash('sha256')
      .update(request.rawBody ?? '')
      .digest(),
  };
}

/** The path of the route with its parameters: one spelling, however the URL was written. */
function pathOf({ routeOptions, params }: FastifyRequest): string {
  const values = params as Record<string, string>;
  return (routeOptions.url ?? '').replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  );
}
