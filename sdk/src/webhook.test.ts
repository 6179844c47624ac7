import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { signTestWebhook, verifyWebhook, type WebhookEvent, type WebhookKeys } from './index.ts';

const now = 1_700_000_000_000;
const secret = `whsec_${Buffer.from('a secret of some bytes').toString('base64')}`;
const keys: WebhookKeys = { publicKey: 'public_1', privateKey: 'private_1', webhookSecret: secret, now };

const event: WebhookEvent = {
  event_type: 'paid',
  retry_count: 0,
  data: {
    id: 32,
    wallet: 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir',
    cryptocurrency: null,
    network: null,
    payer_wallet: 'TBjkHCYgMb1ohJq77aovAyw4kCMtBEtMGN',
    transaction_id: 'ab12',
    final_amount: '125.69',
    requested_amount: '125.00000000',
    status: 'completed',
    client_reference_id: 'order ~1/é',
    metadata: 'a=b&c😀',
    created_at: 1678991717,
    paid_at: 1678991800,
    expire_at: 1678993517,
  },
};

async function refusal(body: unknown, headers: Record<string, string>, other: Partial<WebhookKeys> = {}) {
  const verified = await verifyWebhook(body as string, headers, { ...keys, ...other });
  return verified.ok ? 'ok' : verified.reason;
}

test('a webhook signed by both schemes is verified, as text, bytes, and with any kind of headers', async () => {
  const { headers, body } = await signTestWebhook(event, keys);
  expect(await verifyWebhook(body, headers, keys)).toEqual({ ok: true, event });
  expect(await verifyWebhook(Buffer.from(body), new Headers(headers), keys)).toEqual({ ok: true, event });
  const bytes = new Uint8Array(new TextEncoder().encode(body)).buffer;
  expect(await verifyWebhook(bytes, headers, keys)).toEqual({ ok: true, event });
  const upper = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]),
  );
  expect(await verifyWebhook(new TextEncoder().encode(body), upper, keys)).toEqual({ ok: true, event });
});

test('the signatures are those of the documented formulas', async () => {
  const { headers, body } = await signTestWebhook(event, keys, 'msg_7');
  const query =
    'api_key=public_1&data%5Bid%5D=32&data%5Bwallet%5D=TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir&' +
    'data%5Bpayer_wallet%5D=TBjkHCYgMb1ohJq77aovAyw4kCMtBEtMGN&data%5Btransaction_id%5D=ab12&' +
    'data%5Bfinal_amount%5D=125.69&data%5Brequested_amount%5D=125.00000000&data%5Bstatus%5D=completed&' +
    'data%5Bclient_reference_id%5D=order+%7E1%2F%C3%A9&data%5Bmetadata%5D=a%3Db%26c%F0%9F%98%80&' +
    'data%5Bcreated_at%5D=1678991717&data%5Bpaid_at%5D=1678991800&data%5Bexpire_at%5D=1678993517&' +
    'event_type=paid&retry_count=0';
  const standard = createHmac('sha256', 'a secret of some bytes').update(`msg_7.1700000000.${body}`);
  expect(headers).toEqual({
    'content-type': 'application/json',
    'public-key': 'public_1',
    signature: createHmac('sha256', 'private_1').update(query).digest('hex'),
    'webhook-id': 'msg_7',
    'webhook-timestamp': '1700000000',
    'webhook-signature': `v1,${standard.digest('base64')}`,
  });
});

test('one scheme alone is enough when only its secret is given', async () => {
  for (const part of [{ privateKey: undefined }, { webhookSecret: undefined }]) {
    const { headers, body } = await signTestWebhook(event, { ...keys, ...part });
    expect(await refusal(body, headers, part)).toBe('ok');
    expect(await refusal(body, headers)).toBe('missing-header');
  }
});

test('the legacy signature outlives rewriting of the body, the standard one says it does not', async () => {
  const { headers, body } = await signTestWebhook(event, keys);
  const rewritten = JSON.stringify(JSON.parse(body), null, 1);
  expect(await refusal(rewritten, headers, { webhookSecret: undefined })).toBe('ok');
  const verified = await verifyWebhook(rewritten, headers, keys);
  expect(verified).toMatchObject({
    ok: false,
    reason: 'bad-signature',
    message: expect.stringContaining('body was changed'),
  });
});

test('what a JSON parser made of the body is refused as such', async () => {
  const { headers } = await signTestWebhook(event, keys);
  for (const parsed of [event, undefined, null, [1]])
    expect(await refusal(parsed, headers)).toBe('parsed-body');
});

test('each missing header is named', async () => {
  const { headers, body } = await signTestWebhook(event, keys);
  for (const name of ['public-key', 'signature', 'webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    const verified = await verifyWebhook(body, { ...headers, [name]: '' }, keys);
    expect(verified).toMatchObject({
      ok: false,
      reason: 'missing-header',
      message: expect.stringContaining(name),
    });
  }
});

test('keys of another merchant are told from a changed body', async () => {
  const { headers, body } = await signTestWebhook(event, keys);
  expect(await refusal(body, headers, { publicKey: 'public_2' })).toBe('wrong-key');
  expect(await refusal(body, headers, { privateKey: 'private_2' })).toBe('bad-signature');
  expect(await refusal(body, headers, { webhookSecret: 'whsec_AAAA' })).toBe('bad-signature');
  const changed = body.replace('125.69', '125.60');
  expect(await refusal(changed, headers, { webhookSecret: undefined })).toBe('bad-signature');
  expect(await refusal(changed, headers, { privateKey: undefined })).toBe('bad-signature');
});

test('an empty or unreadable secret never passes for an absent one', async () => {
  const { headers, body } = await signTestWebhook(event, keys);
  for (const other of [
    { webhookSecret: '' },
    { privateKey: '' },
    { webhookSecret: 'abc' },
    { webhookSecret: 'whsec_%' },
  ]) {
    expect(await refusal(body, headers, other)).toBe('unusable-key');
  }
  expect(await refusal(body, headers, { webhookSecret: undefined, privateKey: undefined })).toBe(
    'unusable-key',
  );
});

test('a webhook is refused from five minutes of age or advance on, or by the tolerance given', async () => {
  const { headers, body } = await signTestWebhook(event, keys);
  expect(await refusal(body, headers, { now: now + 300_000 })).toBe('ok');
  expect(await refusal(body, headers, { now: now + 301_000 })).toBe('too-old');
  expect(await refusal(body, headers, { now: now - 300_000 })).toBe('ok');
  expect(await refusal(body, headers, { now: now - 301_000 })).toBe('too-new');
  expect(await refusal(body, headers, { now: now + 11_000, toleranceSeconds: 10 })).toBe('too-old');
  const forged = { ...headers, 'webhook-timestamp': '1700000400' };
  expect(await refusal(body, forged, { now: now + 400_000 })).toBe('bad-signature');
});

test('any one of several listed signatures is enough while a secret is being changed', async () => {
  const { headers, body } = await signTestWebhook(event, keys);
  const list = `v1,AAAA v1a,${headers['webhook-signature']?.slice(3)} ${headers['webhook-signature']}`;
  expect(await refusal(body, { ...headers, 'webhook-signature': list })).toBe('ok');
  const others = list.slice(0, list.lastIndexOf(' '));
  expect(await refusal(body, { ...headers, 'webhook-signature': others })).toBe('bad-signature');
});

test('malformed headers and bodies are refused without throwing', async () => {
  const { headers, body } = await signTestWebhook(event, keys);
  expect(await refusal(body, { ...headers, signature: 'zz' })).toBe('malformed');
  expect(await refusal(body, { ...headers, 'webhook-timestamp': '1e9' })).toBe('malformed');
  for (const odd of [
    '',
    '{',
    'null',
    '[]',
    '{}',
    '"x"',
    '\ufeff{}',
    '['.repeat(100_000),
    'x'.repeat(300_000),
  ]) {
    expect(await refusal(odd, headers)).toBe('malformed');
  }
  expect(await verifyWebhook(Uint8Array.from([0x22, 0xff, 0x22]), headers, keys)).toMatchObject({
    reason: 'malformed',
  });
});

// Each of these carries the legacy signature of the real event.
test.each([
  ['a number as a text', '"id":32', '"id":"32"'],
  ['a boolean for 1', '"retry_count":1', '"retry_count":true'],
  ['a field moved out of data', ',"expire_at":1678993517}', '},"data[expire_at]":1678993517'],
  ['a name with brackets', '"metadata":"m"', '"metadata":"m","x]":null'],
  ['an amount as a number', '"final_amount":"125"', '"final_amount":125'],
])('%s is refused although the legacy signature holds', async (_, from, to) => {
  const plain = { ...event, retry_count: 1, data: { ...event.data, final_amount: '125', metadata: 'm' } };
  const { headers, body } = await signTestWebhook(plain, keys);
  expect(body).toContain(from);
  expect(await refusal(body.replace(from, to), headers, { webhookSecret: undefined })).toBe('malformed');
});

test('a small body that would grow a huge query is refused', async () => {
  const { headers } = await signTestWebhook(event, keys);
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, n]));
  const odd = { ...event, data: { ...event.data, ['x'.repeat(100_000)]: many } };
  expect(await refusal(JSON.stringify(odd), headers, { webhookSecret: undefined })).toBe('malformed');
});

test('a test event that cannot be signed is an error', async () => {
  const odd = { ...event, retry_count: 0.5 };
  await expect(signTestWebhook(odd, keys)).rejects.toThrow(TypeError);
  await expect(signTestWebhook(event, { ...keys, webhookSecret: 'abc' })).rejects.toThrow(TypeError);
});
