/** A shop in the real PHP, written from the API document alone: its calls, and whatever body it may sign. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { setCurrency } from '../../server/src/commands/currency-settings.ts';
import {
  clientOf,
  type Ground,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { doubtsOf } from '../php/ambiguous.ts';
import { PhpPeer, phpVersion, runPhp } from '../php/php.ts';
import { anyBody, type Body, seeded } from '../php-bodies.ts';
import { askedAs } from '../php-differential.ts';
import { watchFake } from './fake-watch.ts';
import { send } from './wire.ts';

type Called = { status: number; raw: string; types: Record<string, string> };
type Keys = Pick<Shop, 'publicKey' | 'privateKey' | 'auth'>;

describe.skipIf(phpVersion() === null)('a shop in PHP', () => {
  let ground: Ground;
  let gateway: TestGateway;

  beforeAll(async () => {
    ground = await openGround();
    await setCurrency(ground, 'EUR', { pinnedRate: '0.5' });
    gateway = await openGateway(ground, { roles: ['api'] });
    await Promise.all([watchFake(ground, 'TRC-20'), watchFake(ground, 'ERC-20')]);
    const client = clientOf(gateway, await openShop(ground));
    const isPriced = async () => (await client.currencyStatus('EUR')).status === 'enabled';
    await vi.waitUntil(isPriced, { timeout: 45_000, interval: 20 });
  });

  afterAll(async () => {
    await gateway?.stop();
    await ground?.close();
  });

  /** `calls` as a text: PHP then reads `10.0` as the float it is. */
  async function call(keys: Keys, calls: readonly unknown[][] | string, emptyBody: string | null = null) {
    const { publicKey, privateKey, auth } = keys;
    const { baseUrl } = gateway;
    const asked = JSON.stringify({ baseUrl, publicKey, privateKey, auth, emptyBody });
    const list = typeof calls === 'string' ? calls : JSON.stringify(calls);
    return JSON.parse(await runPhp('client.php', `${asked.slice(0, -1)},"calls":${list}}`)) as Called[];
  }

  const texts = (names: string): Record<string, string> =>
    Object.fromEntries(names.split(' ').map(name => [name, 'string']));
  const created = texts('id final_amount cryptocurrency network wallet expire_at');
  const viewed: Record<string, string> = {
    ...texts('cryptocurrency network wallet requested_amount status client_reference_id metadata'),
    ...{ id: 'int', payer_wallet: 'null', transaction_id: 'null', final_amount: 'float' },
    ...{ created_at: 'int', paid_at: 'null', expire_at: 'int' },
  };
  const { cryptocurrency, network, ...shared } = viewed;
  const confirmed = { ...shared, requested_amount: 'float', transaction_id: 'string', paid_at: 'int' };

  describe.each(['signature', 'private-key'] as const)('by %s', auth => {
    test('calls every method', async () => {
      const shop = await openShop(ground, { settings: { auth, compat: true } });
      const metadata = 'a & b=c+d ~*/é€😀\n';
      const order = { amount: 10.5, client_reference_id: 'php/1 é', metadata, currency: null };
      const page = {
        back_url: 'https://shop.example/ok?a=1&b=2',
        cancel_url: 'https://shop.example/',
        lang: 'de-DE',
      };
      const widget = {
        amount: 19.99,
        client_reference_id: 'php/2',
        widget_description: '100% ~',
        ...page,
        currency: 'EUR',
      };
      const [made, framed] = await call(shop, [
        ['createInvoice', order],
        ['createWidget', widget],
      ]);
      expect([made?.status, made?.types]).toEqual([200, created]);
      expect([framed?.status, framed?.types]).toEqual([200, { ...created, widget_url: 'string' }]);
      const { id } = JSON.parse(made!.raw).data;
      const [view, found, ours, rates, euro, confirm] = await call(shop, [
        ['viewInvoice', Number(id)],
        ['searchInvoices', 'php/1 é'],
        ['viewUser'],
        ['currencyRates'],
        ['currencyStatus', 'EUR'],
        ['confirmInvoice', Number(id), randomBytes(32).toString('hex')],
      ]);
      expect([view?.status, view?.types]).toEqual([200, viewed]);
      expect(JSON.parse(view!.raw).data).toMatchObject({ requested_amount: '10.50000000', metadata });
      expect([found?.status, JSON.parse(found!.raw).data]).toEqual([200, [JSON.parse(view!.raw).data]]);
      const user = { id: 'int', status: 'string', balance: 'float', currency: 'string' };
      expect([ours?.status, ours?.types]).toEqual([200, user]);
      expect([rates?.status, rates?.types]).toEqual([
        200,
        { currency: 'string', rate: 'float', status: 'string' },
      ]);
      expect([euro?.status, euro?.types]).toEqual([200, { status: 'string', rate: 'float' }]);
      expect([confirm?.status, confirm?.types]).toEqual([200, confirmed]);
      const { data } = JSON.parse(
        (await call(shop, [['viewInvoice', Number(JSON.parse(framed!.raw).data.id)]]))[0]!.raw,
      );
      expect(data).toMatchObject({
        source_currency: 'EUR',
        source_amount: '19.99000000',
        requested_amount: '39.98000000',
      });
    });

    test('sends amounts in every form PHP has for them', async () => {
      const shop = await openShop(ground, { settings: { auth } });
      const amounts = ['10', '10.5', '10.0', '"10.0"', '1e-5', '12345678.123456', '"7.50"', '"1e2"', '1e13'];
      const orders = amounts.map(
        (amount, n) => `["createInvoice",{"amount":${amount},"client_reference_id":${n}}]`,
      );
      const answers = await call(shop, `[${orders.join(',')}]`);
      expect(answers.map(({ status }) => status)).toEqual(amounts.map(() => 200));
      const ids = answers.map(({ raw }) => Number(JSON.parse(raw).data.id));
      const views = await call(
        shop,
        ids.map(id => ['viewInvoice', id]),
      );
      expect(views.map(({ raw }) => JSON.parse(raw).data.requested_amount)).toEqual([
        ...['10.00000000', '10.50000000', '10.00000000', '10.00000000', '0.00001000', '12345678.12345600'],
        ...['7.50000000', '100.00000000', '10000000000000.00000000'],
      ]);
    });

    test('is told of an amount that its signature cannot vouch for', async () => {
      const shop = await openShop(ground, { settings: { auth } });
      const calls = ['123456789.123456', '1e14'].map(
        amount => `["createInvoice",{"amount":${amount},"client_reference_id":"${amount}"}]`,
      );
      const answers = await call(shop, `[${calls.join(',')}]`);
      // PHP signs 14 digits of the first. It signs the second as 1.0E+14 and sends it as 100000000000000.
      expect(answers.map(({ status }) => status)).toEqual(auth === 'signature' ? [400, 401] : [200, 200]);
    });

    test('asks with no body, an empty list and an empty object alike', async () => {
      const shop = await openShop(ground, { settings: { auth } });
      for (const emptyBody of [null, '[]', '{}']) {
        const answers = await call(shop, [['viewUser'], ['searchInvoices', 'a b&c=é[]']], emptyBody);
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      }
    });

    test('is told what is wrong', async () => {
      const shop = await openShop(ground, { settings: { auth } });
      const [blank, missing] = await call(shop, [
        ['createInvoice', { amount: null }],
        ['viewInvoice', 999_999_999],
      ]);
      expect([blank?.status, JSON.parse(blank!.raw).data.errors]).toEqual([
        400,
        {
          amount: ['Amount cannot be blank.'],
          client_reference_id: ['Client Reference Id cannot be blank.'],
        },
      ]);
      expect(missing?.status).toBe(404);
      const other = auth === 'signature' ? 'private-key' : 'signature';
      for (const wrong of [
        { privateKey: 'private_wrong' },
        { publicKey: 'public_wrong' },
        { auth: other } as const,
      ]) {
        const [refused] = await call({ ...shop, ...wrong }, [['viewUser']]);
        expect([refused?.status, refused?.types]).toEqual([
          401,
          { name: 'string', message: 'string', code: 'int', status: 'int' },
        ]);
      }
    });
  });

  test('is let in with whatever body it signs, and refused only what could be read two ways', async () => {
    const shop = await openShop(ground);
    const random = seeded(11);
    const bodies = Array.from({ length: 400 }, () => anyBody(random)).filter(isWithinLimits);
    const php = new PhpPeer('sign.php', [shop.publicKey, shop.privateKey]);
    const replies = await php.ask(bodies.map(askedAs)).finally(() => php.close());
    const counts = { taken: 0, refused: 0, unreadable: 0 };
    for (const [n, body] of bodies.entries()) {
      const [signed = '', doubts] = replies[n]!.split(' ');
      const { status, text } = await post(shop, body, signed.slice(1) || '0'.repeat(64));
      const { data } = JSON.parse(text);
      const about = `${body.bytes} was answered ${status} ${text}`;
      if (signed === 'S') continue;
      if (signed === 'E') {
        counts.unreadable++;
        expect([status, Object.keys(data.errors ?? {})], about).toEqual([400, ['body']]);
        continue;
      }
      const isAmbiguous = body.kind === 'form' ? doubts !== '-' : doubtsOf(body.bytes.toString()).size > 0;
      counts[isAmbiguous ? 'refused' : 'taken']++;
      expect(isAmbiguous, about).toBe(saysAmbiguous(data));
      // No body here is a whole order, so that one which is let in is told what it lacks.
      expect(status, about).toBe(400);
    }
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(10);
  });

  /** What the API reads at all: bodies of up to 64 values, four deep. */
  function isWithinLimits({ kind, bytes }: Body): boolean {
    if (kind === 'form') return true;
    const marks = bytes.toString().replaceAll(/"(?:[^"\\]|\\.)*"/gs, '""');
    let [depth, deepest] = [0, 0];
    for (const mark of marks) {
      if (mark === '{' || mark === '[') deepest = Math.max(deepest, ++depth);
      if (mark === '}' || mark === ']') depth--;
    }
    return deepest <= 4 && marks.split(/[,[{]/).length <= 64;
  }

  function post(shop: Shop, { kind, bytes }: Body, signature: string) {
    const type = kind === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
    const headers = { 'content-type': type, 'public-key': shop.publicKey, signature };
    return send(gateway.port, { method: 'POST', path: '/api/v1/invoice', headers, body: bytes });
  }

  function saysAmbiguous({ errors = {} }: { errors?: Record<string, string[]> }): boolean {
    return Object.values(errors)
      .flat()
      .some(text => /which a signed body must not have|must be an object/.test(text));
  }
});
