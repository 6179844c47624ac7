import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resend } from '../../server/src/flow/resend.ts';
import type { Outcome } from '../../server/src/lib/fetch-outcome.ts';
import { transact } from '../../server/src/store/db.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { type Ground, openGround, openShop, type Shop } from '../gateway.ts';
import { defaultLimits } from './api-server.ts';
import { type Browser, type Dashboard, member, openDashboard, signedIn } from './dashboard-world.ts';
import { keyHeaders, send } from './wire.ts';

let ground: Ground;
let dashboard: Dashboard;
let shop: Shop;
let owner: Browser;
let at: string;
const posted: { url: string; headers: Record<string, string>; body: string }[] = [];
let answer: Outcome = { kind: 'response', status: 200, headers: [['x', 'y']], body: 'ok', truncated: false };

const post = async (url: string, request: { headers: Record<string, string>; body: string }) => {
  posted.push({ url, ...request });
  return answer;
};

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  dashboard = await openDashboard(ground, { post });
  shop = await openShop(ground, { settings: { webhookUrl: 'https://shop.example/hook' } });
  owner = await signedIn(dashboard, (await member(dashboard.deps, shop.userId, 'owner')).email);
  at = `/users/${shop.userId}`;
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

async function make(fields: Record<string, unknown> = {}, by = owner) {
  const made = await by.post(`${at}/merchants/${shop.id}/invoices`, { amount: '12.50', ...fields });
  if (made.status !== 201) throw new Error(made.text);
  return made.body as { id: number; page_url: string };
}

const view = async (id: number) => (await owner.get(`${at}/invoices/${id}`)).body;

describe('an invoice made by hand', () => {
  test('has a page to send to the payer, and stands in the list and in the audit log', async () => {
    const { id, page_url } = await make({ client_reference_id: 'by-hand', description: 'A lamp' });
    expect(page_url).toMatch(/^https:\/\/pay\.example\/payment\/[\w-]{36}$/);
    expect(await view(id)).toMatchObject({
      status: 'awaiting_method',
      client_reference_id: 'by-hand',
      description: 'A lamp',
      requested: '12.50000000',
      page_url,
      timeline: [{ kind: 'created', status: 'awaiting_method', person: expect.stringMatching(/^Person/) }],
    });
    const log = (await owner.get(`${at}/audit-log`)).body.entries;
    expect(log[0]).toMatchObject({ action: 'invoice.create', target: `invoice ${id}` });
    const twice = await owner.post(`${at}/merchants/${shop.id}/invoices`, {
      amount: '1',
      client_reference_id: 'by-hand',
    });
    expect([twice.status, twice.body.error.fields]).toEqual([
      400,
      { client_reference_id: ['has been taken by another invoice of this merchant'] },
    ]);
  });

  test.each([
    [{ amount: '0' }, 'amount'],
    [{ amount: '1,5' }, 'amount'],
    [{ back_url: 'javascript:alert(1)' }, 'back_url'],
    [{ description: 'x'.repeat(101) }, 'description'],
    [{ client_reference_id: 'a\u202Eb' }, 'client_reference_id'],
    [{ currency: 'XXX' }, 'currency'],
    [{ language: 'xx' }, 'language'],
  ])('%o is refused on its field', async (fields, field) => {
    const refused = await owner.post(`${at}/merchants/${shop.id}/invoices`, { amount: '5', ...fields });
    expect([refused.status, Object.keys(refused.body.error.fields)]).toEqual([400, [field]]);
  });
});

describe('the list', () => {
  test('is narrowed by its URL, and is exported exactly as narrowed, with formulas defused', async () => {
    const evil = await make({ client_reference_id: '=HYPERLINK("http://x")', amount: '77' });
    const other = await make({ amount: '78' });
    const narrowed = 'min=77&max=77.5&status=awaiting_method,new';
    const { body } = await owner.get(`${at}/invoices?${narrowed}`);
    expect(body.invoices.map(({ id }: { id: number }) => id)).toEqual([evil.id]);
    expect(body.merchants).toEqual([{ id: shop.id, name: 'Shop' }]);
    const csv = (await owner.ask('GET', `${at}/invoices/export?format=csv&${narrowed}`)).text;
    const [head, line, ...rest] = csv.split('\r\n');
    expect(head).toMatch(/^id,merchant,client_reference_id,/);
    expect(line).toContain(`${evil.id},${shop.id},"'=HYPERLINK(""http://x"")",awaiting_method,`);
    expect(rest).toEqual(['']);
    const json = (await owner.get(`${at}/invoices/export?format=json&min=77&max=78`)).body;
    expect(json.map(({ id }: { id: number }) => id)).toEqual([other.id, evil.id]);
    expect(json[1].client_reference_id).toBe('=HYPERLINK("http://x")');
    expect((await owner.get(`${at}/invoices/export?format=json&min=900`)).body).toEqual([]);
  });

  test.each([
    ['status=paid', 'one_of'],
    ['min=x', 'amount'],
    ['from=abc', 'positive_integer'],
    ['network=TRX', 'one_of'],
    ['cursor=-1', 'positive_integer'],
    ['merchant=1&merchant=2', 'once'],
  ])('?%s is refused on its field, with a rule that has words', async (query, code) => {
    const { status, body } = await owner.get(`${at}/invoices?${query}`);
    const [field] = query.split('=');
    expect([status, body.error.code, Object.keys(body.error.fields)]).toEqual([400, 'invalid', [field]]);
    expect(body.error.rules[field!]).toEqual([expect.objectContaining({ code })]);
  });
});

test('exports are two at once for an account, and end when nothing moves for a while', async () => {
  const hasty = await openDashboard(ground, { exports: { patience: 3000 } });
  const { email } = await member(hasty.deps, shop.userId, 'viewer');
  const browser = await signedIn(hasty, email);
  const exported = () => browser.ask('GET', `${at}/invoices/export?format=json`);
  try {
    await transact(ground.db, async tx => {
      // Whoever exports waits for the database as long as this lasts.
      await sql`lock table invoices in access exclusive mode`.execute(tx);
      const three = await Promise.allSettled([exported(), exported(), exported()]);
      const statuses = three.map(one => (one.status === 'fulfilled' ? one.value.status : 'ended'));
      expect(statuses.toSorted()).toEqual([429, 'ended', 'ended']);
    });
    expect((await exported()).status).toBe(200);
  } finally {
    await hasty.stop();
  }
});

describe('acts', () => {
  test('cancelling is told with who did it, and ends once', async () => {
    const { id } = await make();
    expect((await owner.post(`${at}/invoices/${id}/cancel`)).status).toBe(204);
    const { status, timeline } = await view(id);
    expect(status).toBe('cancelled');
    expect(timeline.at(-1)).toMatchObject({
      kind: 'told',
      status: 'cancelled',
      person: expect.stringMatching(/^Person/),
      facts: { event: 'cancelled' },
    });
    expect((await owner.post(`${at}/invoices/${id}/cancel`)).status).toBe(204);
    const log = (await owner.get(`${at}/audit-log`)).body.entries;
    const entries = log.filter(({ target }: { target: string }) => target === `invoice ${id}`);
    expect(entries.map(({ action }: { action: string }) => action)).toEqual([
      'invoice.cancel',
      'invoice.create',
    ]);
  });

  test('confirming by hand says whether the transaction was seen, and keeps the reason', async () => {
    const { id } = await make();
    const transaction_id = 'ab'.repeat(32);
    const none = await owner.post(`${at}/invoices/${id}/confirm`, { transaction_id, reason: ' ' });
    expect(Object.keys(none.body.error.fields)).toEqual(['reason']);
    const wrong = await owner.post(`${at}/invoices/${id}/confirm`, { transaction_id: 'no', reason: 'x' });
    expect(Object.keys(wrong.body.error.fields)).toEqual(['transaction_id']);
    const said = { transaction_id, reason: 'The payer sent a picture of it' };
    const done = await owner.post(`${at}/invoices/${id}/confirm`, said);
    expect([done.status, done.body]).toEqual([200, { verified: false }]);
    const { status, exception, timeline } = await view(id);
    expect([status, exception]).toEqual(['paid_manually', 'unverified_manual']);
    expect(timeline.at(-1).facts).toEqual({ event: 'paid_manually', verified: false, ...said });
    const cancelled = await owner.post(`${at}/invoices/${id}/cancel`);
    expect([cancelled.status, cancelled.body.error.code]).toEqual([409, 'invoice_ended']);
    const raw = (await owner.get(`${at}/invoices/${id}/raw`)).body;
    expect(raw.invoices).toMatchObject([{ id, status: 'paid_manually' }]);
    expect(raw.outbox).toHaveLength(1);
  });
});

test('transactions are looked up as often as the merchant may, through the API and in the dashboard together', async () => {
  const shop = await openShop(ground, { settings: { auth: 'private-key' } });
  const limited = await openDashboard(ground, {
    limits: { ...defaultLimits, lookUps: { perSecond: 0.01, burst: 2 } },
  });
  try {
    const { email } = await member(limited.deps, shop.userId, 'owner');
    const browser = await signedIn(limited, email);
    const made = await browser.post(`/users/${shop.userId}/merchants/${shop.id}/invoices`, { amount: '1' });
    const byHand = (transaction_id: string) =>
      browser.post(`/users/${shop.userId}/invoices/${made.body.id}/confirm`, { transaction_id, reason: 'x' });
    expect((await byHand('cd'.repeat(32))).status).toBe(200);
    const byApi = () =>
      send(limited.port, {
        method: 'PUT',
        path: `/api/v1/invoice/confirm/${made.body.id}`,
        headers: { ...keyHeaders(shop), 'content-type': 'application/json' },
        body: JSON.stringify({ transactionId: 'cd'.repeat(32) }),
      });
    expect((await byApi()).status).toBe(200);
    expect((await byApi()).status).toBe(429);
    const refused = await byHand('cd'.repeat(32));
    expect([refused.status, refused.body.error.code]).toEqual([429, 'too_many']);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  } finally {
    await limited.stop();
  }
});

describe('webhooks', () => {
  test('an event is sent once more, and every request is told with what was sent and what came back', async () => {
    const { id } = await make();
    await owner.post(`${at}/invoices/${id}/cancel`);
    const [delivery] = (await view(id)).deliveries;
    expect(delivery).toMatchObject({ event: 'cancelled', state: 'open', requests: 0, last_status: null });
    posted.length = 0;
    expect((await owner.post(`${at}/webhooks/${delivery.id}/resend`)).status).toBe(202);
    expect((await owner.post(`${at}/webhooks/${delivery.id}/resend`)).status).toBe(202);
    await resend({ ...ground, post, uuid: randomUUID }, new AbortController().signal);
    expect(posted).toHaveLength(1);
    const detail = (await owner.get(`${at}/webhooks/${delivery.id}`)).body;
    expect(detail.state).toBe('delivered');
    expect(detail.schedule).toHaveLength(10);
    expect(detail.resends).toMatchObject([
      {
        state: 'answered',
        status: 200,
        body: 'ok',
        headers: [['x', 'y']],
        url: 'https://shop.example/hook',
        request_body: posted[0]?.body,
      },
    ]);
    expect(Object.fromEntries(detail.resends[0].request_headers)).toEqual(posted[0]?.headers);
    const page = (await owner.get(`${at}/webhooks?state=delivered&event=cancelled&merchant=${shop.id}`)).body;
    expect(page.deliveries.map((one: { id: number }) => one.id)).toEqual([delivery.id]);
    const health = (await owner.get(`${at}/merchants/${shop.id}/endpoint`)).body;
    expect(health).toMatchObject({ requests: 1, delivered: 1, failing_since: null });
  });

  test('a test event is signed and guarded like any other, says that it is a test, and leaves nothing behind', async () => {
    posted.length = 0;
    answer = { kind: 'error', class: 'tls', message: 'The TLS certificate has expired.' };
    const tested = await owner.post(`${at}/merchants/${shop.id}/test-event`, { event: 'paid' });
    expect(tested.body).toMatchObject({
      status: null,
      error: { class: 'tls', message: 'The TLS certificate has expired.' },
      request_body: posted[0]?.body,
    });
    const { event_type, data } = JSON.parse(posted[0]?.body ?? '');
    expect([event_type, data.id, data.test]).toEqual(['paid', 0, 1]);
    expect(posted[0]?.headers).toHaveProperty('signature');
    let last = tested;
    for (let n = 0; n < 5; n++) last = await owner.post(`${at}/merchants/${shop.id}/test-event`);
    expect(last.status).toBe(429);
    answer = { kind: 'response', status: 200, headers: [], body: '', truncated: false };
  });

  test('all that failed since a moment are sent once more', async () => {
    const since = ground.clock.now();
    const { id } = await make();
    await owner.post(`${at}/invoices/${id}/cancel`);
    const at_ = new Date(ground.clock.now());
    await ground.db
      .updateTable('deliveries')
      .set({ state: 'no_endpoint', ended_at: at_ })
      .where('invoice_id', '=', id)
      .execute();
    const failed = (await owner.get(`${at}/webhooks?state=failed`)).body.deliveries;
    expect(failed.map((one: { invoice_id: number }) => one.invoice_id)).toEqual([id]);
    const asked = await owner.post(`${at}/merchants/${shop.id}/resend-failed`, { since });
    expect(asked.body).toEqual({ resent: 1, more: false });
    await resend({ ...ground, post, uuid: randomUUID }, new AbortController().signal);
    expect((await view(id)).deliveries[0].state).toBe('delivered');
  });
});
