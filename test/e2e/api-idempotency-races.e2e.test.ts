/** Requests with one Idempotency-Key at the same time, and processes that die before, while and after they answer one. */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { group } from '../../server/src/lib/group.ts';
import { transact } from '../../server/src/store/db.ts';
import { claimKeys, type KeptAnswer, settleKeys } from '../../server/src/store/idempotency.ts';
import { creating as createOn, openApi } from './api-server.ts';
import { askingOf, said, useTwoServers } from './use-two-servers.ts';
import { creating, keyHeaders, type Message } from './wire.ts';

const GROUP = { max: 64, runs: 2, limit: 5000, isolate: () => true };

const world = useTwoServers();
const { fresh, bodyOf, keyed, ask, invoices, kept } = askingOf(world);

describe('at the same time', () => {
  test('of 50 equal requests to two processes all get one answer, and there is one invoice', async () => {
    const message = keyed('burst', bodyOf(fresh()));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => ask(message, n % 2 ? world.api.port : world.other.port)),
    );
    expect(new Set(answers.map(answer => JSON.stringify(said(answer)))).size).toBe(1);
    expect(answers[0]!.status).toBe(200);
    expect(await invoices()).toBe(1);
  });

  test('of 20 different bodies under one key one makes an invoice, the others are 409', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        ask(keyed('race', bodyOf(fresh())), n % 2 ? world.api.port : world.other.port),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);
    expect(await invoices()).toBe(1);
  });

  /** Stands for a process whose transaction is under way: claims the key of a message in one, then works, then answers. */
  async function meanwhile<T>(
    message: Message,
    answer: KeptAnswer | null,
    work: () => Promise<T>,
  ): Promise<T> {
    const claim = claimOf(message);
    return transact(world.ground.db, async tx => {
      expect(await claimKeys(tx, [claim], world.ground.clock.now())).toEqual([true]);
      const done = await work();
      await settleKeys(tx, [{ claim, answer }]);
      return done;
    });
  }

  const claimOf = ({ path, body = '', headers = {} }: Message) => ({
    merchantId: world.shop.id,
    method: 'POST',
    path,
    key: headers['idempotency-key']!,
    bodyHash: createHash('sha256').update(body).digest(),
  });

  test('a twin waits for the first and repeats its answer; its neighbours do not wait', async () => {
    const message = keyed('slow', bodyOf(fresh()));
    const answer = { status: 200, contentType: 'text/plain', body: 'the first answer' };
    const { twins } = await meanwhile(message, answer, async () => {
      // More than there are transactions at once.
      const twins = Array.from({ length: 5 }, () => ask(message));
      for (let n = 0; n < 5; n++) expect((await ask(keyed(`k${n}`, bodyOf(fresh())))).status).toBe(200);
      return { twins };
    });
    for (const twin of twins) expect(said(await twin)).toEqual([200, 'text/plain', 'the first answer']);
    expect(await invoices()).toBe(5);
  });

  test('where the first one came to nothing, the twin does the work', async () => {
    const message = keyed('given back', bodyOf(fresh()));
    const { twin } = await meanwhile(message, null, async () => ({ twin: ask(message) }));
    expect((await twin).status).toBe(200);
    expect(await invoices()).toBe(1);
  });

  test('a twin that has waited for long is told to come again', async () => {
    const message = keyed('stuck', bodyOf(fresh()));
    const twin = await meanwhile(message, null, () => ask(message));
    expect([twin.status, twin.headers['retry-after']]).toEqual([409, '1']);
    expect((await ask(message)).status).toBe(200);
  });
});

describe('a process that dies', () => {
  test('after the invoice was made and before it answered: the next one is told of the invoice', async () => {
    const create = createOn(world.ground);
    const dying = await openApi(world.ground, {
      createInvoice: group(
        async commands => {
          await create(commands);
          throw Object.assign(new Error('cut off'), { code: 'ECONNRESET' });
        },
        { ...GROUP, isolate: () => false },
      ),
    });
    const messages = Array.from({ length: 10 }, (_, n) => keyed(`k${n}`, bodyOf(fresh())));
    const cut = await Promise.all(messages.map(message => ask(message, dying.port)));
    await dying.stop();
    expect(cut.map(({ status }) => status)).toEqual(Array(10).fill(503));
    expect(await invoices()).toBe(10);
    for (const message of messages) {
      const { status, text } = await ask(message, world.other.port);
      const row = await world.ground.db
        .selectFrom('invoices')
        .select('client_reference_id')
        .where('id', '=', JSON.parse(text).data.id)
        .executeTakeFirst();
      expect([status, row?.client_reference_id]).toEqual([
        200,
        JSON.parse(message.body as string).client_reference_id,
      ]);
    }
    expect(await invoices()).toBe(10);
  });

  test('before the commit: nothing is left, and the next one makes the invoice', async () => {
    const dying = await openApi(world.ground, {
      createInvoice: () => Promise.reject(Object.assign(new Error('cut off'), { code: 'ECONNRESET' })),
    });
    const message = keyed('nothing', bodyOf(fresh()));
    expect((await ask(message, dying.port)).status).toBe(503);
    await dying.stop();
    expect([await kept(), await invoices()]).toEqual([[], 0]);
    expect((await ask(message)).status).toBe(200);
  });

  test('in the middle of a confirmation: its key is taken over after a minute', async () => {
    const message = await confirming('dead');
    await claimKeys(
      world.ground.db,
      [{ ...hashed(message), merchantId: world.shop.id, method: 'PUT', key: 'dead' }],
      world.ground.clock.now(),
    );
    const early = await ask(message);
    expect([early.status, early.headers['retry-after']]).toEqual([409, '1']);
    await sql`update idempotency_keys set created_at = created_at - interval '61 seconds'`.execute(
      world.ground.db,
    );
    expect((await ask(message)).status).toBe(200);
  });
});

const hashed = ({ path, body = '' }: Message) => ({
  path,
  bodyHash: createHash('sha256').update(body).digest(),
});

async function confirming(key: string, digits = randomBytes(32).toString('hex')): Promise<Message> {
  const { text } = await ask(creating(keyHeaders(world.shop), bodyOf(fresh())));
  const path = `/api/v1/invoice/confirm/${JSON.parse(text).data.id}`;
  return { ...keyed(key, `{"transactionId":"${digits}"}`), method: 'PUT', path };
}

describe('a confirmation', () => {
  test('is answered again byte for byte, and tells the shop once', async () => {
    const message = await confirming('confirm');
    const answers = await Promise.all(
      [1, 2, 3, 4].map(n => ask(message, n % 2 ? world.api.port : world.other.port)),
    );
    expect(answers[0]!.status).toBe(200);
    for (const answer of answers) expect(said(answer)).toEqual(said(answers[0]!));
    const events = world.ground.db.selectFrom('outbox').select('id').where('merchant_id', '=', world.shop.id);
    expect(await events.execute()).toHaveLength(1);
  });

  test('with another transaction under the same key is a 409, at once and later', async () => {
    const one = await confirming('two bodies');
    const two = { ...one, body: `{"transactionId":"${'cd'.repeat(32)}"}` };
    const answers = await Promise.all([ask(one, world.api.port), ask(two, world.other.port)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = answers[0]!.status === 200 ? one : two;
    expect((await ask(winner)).status).toBe(200);
    expect((await ask(winner === one ? two : one)).status).toBe(409);
  });

  test('that failed is not kept where the fault was ours', async () => {
    const message = await confirming('ours');
    const failing = await openApi(world.ground, { confirmInvoice: () => Promise.reject(new Error('a bug')) });
    expect((await ask(message, failing.port)).status).toBe(500);
    await failing.stop();
    expect(await kept()).toEqual([]);
    expect((await ask(message)).status).toBe(200);
  });
});
