import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { signatureV2 } from './auth.ts';
import { type ClientOptions, CryptoScan } from './index.ts';

const privateKey = 'private_K3y-with_url-safe';

// Computed by OpenSSL and by Python's hmac.
test.each([
  [
    { method: 'GET', path: '/api/v1/user', body: '' },
    { time: 1_700_000_000, nonce: '00112233445566778899aabbccddeeff' },
    '66fdbe44ad2e99a9d5ea97fd3b3d17b376a847d90922fce72e9b6aa2e02de8ce',
  ],
  [
    { method: 'POST', path: '/api/v1/invoice', body: '{"amount":"10.5","client_reference_id":"é😀"}' },
    { time: 1_700_000_001, nonce: 'n-2' },
    '2be0eef7576457d463336de21dddc646cda644e16d523cdc3cea66fb4d7eb03d',
  ],
  [
    { method: 'GET', path: '/api/v1/invoice?query=a%20b%26c%3D%C3%A9%25&limit=5', body: '' },
    { time: 1_700_000_002, nonce: 'n-3' },
    '5a06692bcc8ea116359ef766f4a8387b8b00d3e26b53c9350b6486c20ce60bee',
  ],
  [
    { method: 'PUT', path: '/shop/api/v1/invoice/confirm/124', body: '{"transactionId":"b3a7"}' },
    { time: 1_700_000_003, nonce: 'n-4' },
    'c035e2df8f0ef1d475ff339cb7d68a838d5fd5a63759f68d45246a98f44166ee',
  ],
])('the v2 signature of %o at %o', async (request, moment, hex) => {
  const header = `t=${moment.time},n=${moment.nonce},v1=${hex}`;
  expect(await signatureV2(privateKey, request, moment)).toBe(header);
});

type Sent = { method: string; path: string; headers: Record<string, string>; body: string };

function recording(sent: Sent[], data: unknown = {}): Partial<ClientOptions> {
  return {
    auth: 'signature-v2',
    fetch: async (url, init) => {
      const { pathname, search } = new URL(String(url));
      const headers = init?.headers as Record<string, string>;
      sent.push({
        method: init?.method ?? '',
        path: pathname + search,
        headers,
        body: String(init?.body ?? ''),
      });
      return Response.json({ success: true, data });
    },
  };
}

function v2Client(options: Partial<ClientOptions>): CryptoScan {
  return new CryptoScan({
    baseUrl: 'https://pay.example/shop',
    publicKey: 'public_1',
    privateKey,
    ...options,
  });
}

test('with v2 each request is signed over what goes out, with a time and a nonce of its own', async () => {
  const sent: Sent[] = [];
  const client = v2Client(recording(sent));
  const before = Math.floor(Date.now() / 1000);
  await client.user();
  await client.user();
  await client.createInvoice({ amount: 1, client_reference_id: 'é', metadata: 'a b' });
  await client.confirmInvoice(7, 'ab');
  const list = v2Client(recording(sent, []));
  await list.searchInvoices("it's %", { limit: 2 });
  const after = Math.floor(Date.now() / 1000);

  expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /shop/api/v1/user',
    'GET /shop/api/v1/user',
    'POST /shop/api/v1/invoice',
    'PUT /shop/api/v1/invoice/confirm/7',
    'GET /shop/api/v1/invoice?query=it%27s%20%25&limit=2',
  ]);
  const nonces = new Set<string>();
  for (const { method, path, headers, body } of sent) {
    const [, time = '', nonce = '', hex] = /^t=(\d+),n=([\da-f]{32}),v1=([\da-f]{64})$/.exec(
      headers['signature-v2'] ?? '',
    )!;
    const digest = createHash('sha256').update(body).digest('hex');
    const text = `v2\n${method}\n${path}\n${time}\n${nonce}\n${digest}`;
    expect(hex).toBe(createHmac('sha256', privateKey).update(text).digest('hex'));
    expect(Number(time)).toBeGreaterThanOrEqual(before);
    expect(Number(time)).toBeLessThanOrEqual(after);
    expect(headers).toMatchObject({ 'public-key': 'public_1' });
    expect(headers).not.toHaveProperty('signature');
    expect(headers).not.toHaveProperty('private-key');
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(sent.length);
});
