/** Six secrets go through requests of every outcome; they must be found nowhere afterwards. */
import { Writable } from 'node:stream';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { signatureV2 } from '../../server/src/http/merchant-api/signature-v2.ts';
import { type Ground, openGround, openShop } from '../gateway.ts';
import { defaultLimits, openApi } from './api-server.ts';
import { creating, type Message, send, signed } from './wire.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await openGround();
});

afterAll(() => ground?.close());

test('secrets are in no log, in no answer and in nothing that the database could tell', async () => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  // Without the redaction of production: nothing must reach a log that would need it.
  const logged = await openApi(ground, { logger: pino({ level: 'trace' }, stream), limits: defaultLimits });
  const planted = await openShop(ground, { settings: { signatureV2: 'on' } });
  const at = { time: String(Math.floor(ground.clock.now() / 1000)), nonce: 'planted-nonce' };
  const v2 = signatureV2(
    planted.privateKey,
    { method: 'GET', path: '/api/v1/user', body: Buffer.alloc(0) },
    at,
  );
  const { signature } = signed(planted, `api_key=${planted.publicKey}`);
  const secrets = [
    planted.privateKey,
    planted.webhookSecret,
    v2,
    signature!,
    'hunter2-cookie',
    'hunter2-bearer',
  ];
  const odd = {
    cookie: 'session=hunter2-cookie',
    authorization: 'Bearer hunter2-bearer',
    'private-key': planted.privateKey,
  };
  const requests: Message[] = [
    { path: '/api/v1/user', headers: { ...odd, 'public-key': planted.publicKey, signature: signature! } },
    {
      path: '/api/v1/user',
      headers: {
        ...odd,
        'public-key': planted.publicKey,
        'signature-v2': `t=${at.time},n=${at.nonce},v1=${v2}`,
      },
    },
    { path: '/api/v1/user', headers: { ...odd, 'public-key': 'public_unknown', signature: signature! } },
    { path: `/api/v1/nothing?private-key=${planted.privateKey}`, headers: odd },
    { path: '/api/v1/%', headers: odd },
    { ...creating({ ...odd, 'public-key': planted.publicKey, signature: signature! }, '{') },
  ];
  const answers = [];
  for (const message of requests) answers.push(await send(logged.port, message));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401, 404, 400]);
  const failing = await openApi(ground, {
    logger: pino({ level: 'trace' }, stream),
    findCredentials: () => Promise.reject(new Error('a bug')),
  });
  answers.push(await send(failing.port, requests[0]!));
  expect(answers.at(-1)?.status).toBe(500);
  await vi.waitUntil(() => lines.some(line => line.includes('a bug')), { timeout: 20_000 });
  await Promise.all([logged.stop(), failing.stop()]);
  const { rows } = await sql<{
    dump: string;
  }>`select coalesce(query_to_xml('select * from merchants m, merchant_keys k', true, false, '')::text, '') || coalesce(query_to_xml('select * from nonces', true, false, '')::text, '') as dump`.execute(
    ground.db,
  );
  const bytes = (text: string) => [
    text,
    Buffer.from(text).toString('hex'),
    Buffer.from(text).toString('base64'),
  ];
  const told = `${lines.join('')}${JSON.stringify(answers)}${rows[0]!.dump}`;
  expect(told).toContain(planted.publicKey);
  expect(secrets.filter(secret => bytes(secret).some(form => told.includes(form)))).toEqual([]);
});
