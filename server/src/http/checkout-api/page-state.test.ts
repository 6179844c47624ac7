import type { Simulated } from '@cryptoscan/checkout';
import { describe, expect, test } from 'vitest';
import { type Network, type NetworkCode, networks } from '../../domain/asset.ts';
import { parseDecimal, rescale } from '../../domain/money.ts';
import { MAX_LAG } from '../../domain/network-lag.ts';
import type { Offer, PageFacts } from '../../store/pages.ts';
import { type Moment, pageState } from './page-state.ts';

const MINUTE = 60_000;
const created = 1_767_268_800_000;
const expireAt = created + 30 * MINUTE;
const now = created + MINUTE;

const decimal = (text: string) => parseDecimal(text)!;
/** What is asked, as the database tells it. */
const asked = (text: string) => rescale(decimal(text), 8);
const due = (final: string, network: NetworkCode = 'ERC-20') => ({
  network,
  asset: 'USDT' as const,
  address: 'address',
  final: rescale(decimal(final), 6),
  rate: null,
  qr: 'address' as const,
});
const merchant = {
  name: 'Shop',
  url: 'https://shop.example/',
  origins: [],
  returnHosts: null,
  language: null,
  logo: null,
};
/** A transfer of which nobody has said anything. */
const open = { resolution: null, refundId: null };
const read = { height: 100, scannedAt: now, caughtUpAt: now };

function facts(given: Partial<PageFacts> = {}): PageFacts {
  return {
    merchantId: 1,
    invoiceId: 2,
    page: {
      id: '69908b3b-ac70-4652-9ca2-877e348a2dbe',
      description: 'Order 1042',
      backUrl: null,
      cancelUrl: null,
      lang: null,
    },
    merchant,
    status: 'new',
    requested: asked('10'),
    source: null,
    method: due('10.007'),
    isForged: false,
    transactionId: null,
    payment: null,
    stray: null,
    received: null,
    exception: null,
    progress: read,
    isRetired: false,
    isUnread: false,
    offers: [],
    createdAt: created,
    expireAt,
    ...given,
  };
}

const known: ReadonlyMap<NetworkCode, Network> = new Map(
  Object.values(networks).map(network => [network.code, network]),
);
const moment = (given: Partial<Moment> = {}): Moment => ({
  now,
  language: 'en-US',
  networks: known,
  isPayable: () => true,
  ...given,
});
const screen = (given: Partial<PageFacts>, at: Partial<Moment> = {}) =>
  pageState(facts(given), moment(at)).screen;
const shown = {
  asset: 'USDT',
  network: 'ERC-20',
  address: 'address',
  amount: '10.007',
  tail: 1,
  qr: { text: 'address', holds: 'address' },
};

describe('the page as a whole', () => {
  test('has these fields and no others', () => {
    expect(pageState(facts(), moment())).toEqual({
      pageId: '69908b3b-ac70-4652-9ca2-877e348a2dbe',
      language: 'en-US',
      merchant: { name: 'Shop', url: 'https://shop.example/', logo: null },
      parents: [],
      description: 'Order 1042',
      price: { amount: '10.00', currency: 'USD' },
      screen: { kind: 'awaiting', due: shown, others: [] },
      createdAt: created,
      expireAt,
      now,
      canCancel: true,
      back: null,
      cancel: null,
    });
  });

  test('shows the price in the currency the shop asked in', () => {
    const source = { currency: 'EUR', amount: asked('45.749') };
    expect(pageState(facts({ source }), moment()).price).toEqual({ amount: '45.749', currency: 'EUR' });
  });
});

describe('what the merchant set', () => {
  test('is who may frame the page, and a picture below it', () => {
    const logo = { hash: 'ab', width: 80, height: 40 };
    const own = { ...merchant, origins: ['https://shop.example'], logo };
    expect(pageState(facts({ merchant: own }), moment())).toMatchObject({
      parents: ['https://shop.example'],
      merchant: { logo: { url: './logos/ab', width: 80, height: 40 } },
    });
  });

  test('is a code that is a link, with the amount to the token’s last unit, where there are such links', () => {
    const qr = (network: NetworkCode, at: Partial<Moment> = {}) => {
      const found = screen({ method: { ...due('10.007', network), qr: 'uri' } }, at);
      return found.kind === 'awaiting' || found.kind === 'checking' ? found.due?.qr : null;
    };
    expect(qr('ERC-20')).toEqual({
      text: 'ethereum:0xdac17f958d2ee523a2206206994597c13d831ec7@1/transfer?address=address&uint256=10007000',
      holds: 'payment',
    });
    expect(qr('BEP-20')?.text).toContain('@56/transfer?address=address&uint256=10007000000000000000');
    const plain = { text: 'address', holds: 'address' };
    expect(qr('TRC-20')).toEqual(plain);
    expect(qr('ERC-20', { networks: new Map() })).toEqual(plain);
  });
});

describe('exits', () => {
  const exit = (
    backUrl: string,
    { url = merchant.url, hosts = null }: { url?: string; hosts?: string[] | null } = {},
  ) => {
    const { page } = facts();
    const given = { page: { ...page, backUrl }, merchant: { ...merchant, url, returnHosts: hosts } };
    return pageState(facts(given), moment()).back;
  };

  test.each([
    ['https://shop.example/thanks?a=1', 'https://shop.example', true],
    ['https://SHOP.example:443/thanks', 'https://shop.example/start', true],
    ['https://www.shop.example/thanks', 'https://shop.example', false],
    ['https://shop.example:8443/', 'https://shop.example', false],
    ['https://shop.example.evil.example/', 'https://shop.example', false],
    ['https://evil.example/?https://shop.example', 'https://shop.example', false],
    ['https://shop.example/', 'no address', false],
  ])('%s from a shop at %s is automatic: %s', (url, merchantUrl, automatic) => {
    expect(exit(url, { url: merchantUrl })).toEqual({ url, automatic });
  });

  test.each([
    ['https://other.example/thanks', true],
    ['https://app.example:8443/', true],
    ['https://app.example/', false],
    ['https://shop.example/', false],
  ])('%s is automatic by the merchant’s own list: %s', (url, automatic) => {
    const hosts = ['other.example', 'app.example:8443'];
    expect(exit(url, { hosts })).toEqual({ url, automatic });
    expect(exit(url, { hosts: [] })).toEqual({ url, automatic: false });
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', '//shop.example', 'nothing'])('%s is none', url => {
    expect(exit(url)).toBeNull();
  });

  test('the two are told apart', () => {
    const page = { ...facts().page, backUrl: 'https://a.example/', cancelUrl: 'https://shop.example/b' };
    expect(pageState(facts({ page }), moment())).toMatchObject({
      back: { url: 'https://a.example/', automatic: false },
      cancel: { url: 'https://shop.example/b', automatic: true },
    });
  });
});

const fresh = { scannedAt: now, caughtUpAt: now };
const offer = (network: NetworkCode, asset: Offer['asset'], progress: Offer['progress'] = fresh) => ({
  network,
  asset,
  progress,
});

describe('choosing', () => {
  const stale = { scannedAt: now - MAX_LAG - 1, caughtUpAt: now - MAX_LAG - 1 };
  const methods = (offers: Offer[], at: Partial<Moment> = {}) => {
    const found = screen({ status: 'awaiting_method', method: null, progress: null, offers }, at);
    return found.kind === 'choose' ? found.methods.map(({ asset, network }) => `${network}:${asset}`) : found;
  };

  test('offers coin by coin in one order, whatever that of the wallets', () => {
    const offers = [offer('ERC-20', 'USDC'), offer('BEP-20', 'USDT'), offer('TRC-20', 'USDT')];
    expect(methods(offers)).toEqual(['TRC-20:USDT', 'BEP-20:USDT', 'ERC-20:USDC']);
    expect(methods(offers.toReversed())).toEqual(methods(offers));
  });

  test('leaves out networks that are not read, or not of late, and coins off their peg', () => {
    const offers = [
      offer('TRC-20', 'USDT'),
      offer('ERC-20', 'USDT', null),
      offer('BEP-20', 'USDT', stale),
      offer('BASE', 'USDT'),
      offer('TRC-20', 'USDC'),
    ];
    const some = new Map([...known].filter(([code]) => code !== 'BASE'));
    expect(methods(offers, { networks: some, isPayable: coin => coin !== 'USDC' })).toEqual(['TRC-20:USDT']);
  });

  test('is possible again while a payment is awaited, of what else can be paid now', () => {
    const offers = [offer('BEP-20', 'USDT'), offer('ERC-20', 'USDT'), offer('TRC-20', 'USDT')];
    const others = (at: Partial<Moment> = {}) => {
      const found = screen({ offers }, at);
      return found.kind === 'awaiting' && found.others.map(({ network }) => network);
    };
    expect(others()).toEqual(['TRC-20', 'BEP-20']);
    expect(others({ networks: new Map([...known].filter(([code]) => code !== 'BEP-20')) })).toEqual([
      'TRC-20',
    ]);
    expect(others({ isPayable: () => false })).toEqual([]);
  });

  test('a local chain is as fresh as the last look at its tip', () => {
    const local = new Map([['TRC-20', { ...networks['TRC-20'], onDemand: true }]] as const);
    const old = { scannedAt: now - MAX_LAG - 1, caughtUpAt: now };
    expect(methods([offer('TRC-20', 'USDT', old)], { networks: local })).toEqual(['TRC-20:USDT']);
    expect(methods([offer('TRC-20', 'USDT', old)])).toEqual([]);
  });

  test('may have nothing to offer, and may be given up all the same', () => {
    const state = pageState(facts({ status: 'awaiting_method', method: null, progress: null }), moment());
    expect(state).toMatchObject({ screen: { kind: 'choose', methods: [] }, canCancel: true });
  });

  test('is over with the time', () => {
    const at = { now: expireAt };
    expect(methods([offer('TRC-20', 'USDT')], at)).toEqual({ kind: 'checking', due: null });
  });
});

describe('awaiting', () => {
  test.each([
    ['10', '10.007', 'ERC-20', 1],
    ['10', '10.017', 'ERC-20', 2],
    ['10', '10.117', 'ERC-20', 3],
    ['10', '10.1', 'ERC-20', 2],
    ['53.80526186', '53.806', 'ERC-20', 1],
    ['53.80526186', '53.821', 'ERC-20', 2],
    ['9.999', '10.003', 'ERC-20', 3],
    ['10', '10', 'ERC-20', 1],
    ['10.05', '10.0512', 'ERC-20', 2],
  ] as const)('of %s asked, %s due on %s has a tail of %s digits', (requested, final, network, tail) => {
    const found = screen({ requested: asked(requested), method: due(final, network) });
    expect(found).toMatchObject({ kind: 'awaiting', due: { tail } });
  });

  test('turns into checking when the time is over, and offers no way to give up', () => {
    expect(screen({}, { now: expireAt - 1 }).kind).toBe('awaiting');
    const state = pageState(facts(), moment({ now: expireAt }));
    expect(state).toMatchObject({ screen: { kind: 'checking', due: shown }, canCancel: false });
  });

  test('is paused while the network is behind, or was never read: the time is not over', () => {
    const at = (scannedAt: number) => screen({ progress: { ...read, scannedAt, caughtUpAt: now } }).kind;
    expect([at(now - MAX_LAG), at(now - MAX_LAG - 1)]).toEqual(['awaiting', 'paused']);
    expect(screen({ progress: null }).kind).toBe('paused');
  });
});

describe('paused', () => {
  const behind = { ...read, scannedAt: now - 31 * MINUTE };
  const offers = [offer('ERC-20', 'USDT', behind), offer('TRC-20', 'USDT')];
  const method = { asset: 'USDT', network: 'ERC-20' };
  const others = [{ asset: 'USDT', network: 'TRC-20' }];
  const received = { sum: 4_000_000n, rest: 6_019_000n, parts: [] };

  test.each([
    ['31 minutes behind', { progress: behind, isRetired: false }],
    ['out of use, though it was read a moment ago', { progress: read, isRetired: true }],
  ])('where the network is %s, shows nothing of what to send, and leaves two ways out', (_, given) => {
    const { isRetired } = given;
    expect(pageState(facts({ ...given, offers }), moment())).toMatchObject({ canCancel: true });
    expect(screen({ ...given, offers })).toEqual({ kind: 'paused', method, isRetired, others });
    // Of a part that has come the shop has the say.
    const part = { ...given, offers, received };
    expect(pageState(facts(part), moment())).toMatchObject({ screen: { others: [] }, canCancel: false });
  });

  test('gives way to the end of the time, but for a network out of use, on which nothing is looked for', () => {
    const at = moment({ now: expireAt });
    const late = { ...behind, scannedAt: expireAt - 31 * MINUTE };
    expect(pageState(facts({ progress: late, offers }), at).screen.kind).toBe('checking');
    expect(pageState(facts({ isRetired: true, offers }), at)).toMatchObject({
      screen: { kind: 'paused', isRetired: true, others: [] },
      canCancel: false,
    });
  });
});

describe('confirming', () => {
  const payment = { transactionId: '0xaa', height: 98, isFinal: false, ...open };

  test('counts blocks, that of the payment being the first, up to what is needed', () => {
    const at = (height: number | null, isFinal = false) => {
      const found = screen({ status: 'confirming', payment: { ...payment, height, isFinal } });
      return found.kind === 'confirming' ? [found.confirmations, found.needed] : found;
    };
    expect([at(100), at(98), at(89), at(1), at(null)]).toEqual([
      [1, 12],
      [3, 12],
      [12, 12],
      [12, 12],
      [0, 12],
    ]);
    // The block read last may be behind the one that is known to be final, and a local chain may have begun anew.
    expect(at(105, true)).toEqual([12, 12]);
    expect(at(105)).toEqual([0, 12]);
  });

  test('needs no number of blocks where the network says what is final', () => {
    const method = due('10.007', 'TRC-20');
    expect(screen({ status: 'confirming', method, payment })).toEqual({
      kind: 'confirming',
      due: { ...shown, network: 'TRC-20' },
      transactionId: '0xaa',
      confirmations: 3,
      needed: null,
    });
  });

  test('is what a payment in time is shown as, though it was found after the end', () => {
    for (const status of ['expired', 'cancelled'] as const)
      expect(screen({ status, payment }).kind).toBe('confirming');
  });

  test('cannot be given up, and goes on after the deadline', () => {
    const state = pageState(facts({ status: 'confirming', payment }), moment({ now: expireAt + 1 }));
    expect(state).toMatchObject({ screen: { kind: 'confirming' }, canCancel: false });
  });
});

describe('test mode', () => {
  const offered = (given: Partial<PageFacts>, at: Partial<Moment> = {}) =>
    pageState(facts(given), moment({ test: { done: null }, ...at })).simulate?.actions;
  const payment = { transactionId: '0xaa', height: 98, isFinal: false, ...open };

  test('is on no page unless it is given, and tells what was done', () => {
    expect(pageState(facts(), moment())).not.toHaveProperty('simulate');
    const done: Simulated = { action: 'block', transactionIds: [], fault: null };
    expect(pageState(facts(), moment({ test: { done } })).simulate?.done).toEqual(done);
  });

  test('offers what makes sense as the page stands', () => {
    expect(offered({})).toContain('twice');
    expect(offered({}, { now: expireAt })).toEqual(['late', 'block']);
    expect(offered({ status: 'awaiting_method', method: null })).toEqual(['expire']);
    expect(offered({ status: 'confirming', payment })).toContain('reorg');
    expect(offered({ status: 'confirming', payment: { ...payment, isFinal: true } })).not.toContain('reorg');
  });
});

describe('the ends', () => {
  test.each(['completed', 'paid_manually'] as const)('%s is paid', status => {
    const payment = { transactionId: '0xaa', height: 98, isFinal: true, ...open };
    expect(screen({ status, transactionId: '0xaa', payment })).toEqual({
      kind: 'paid',
      due: shown,
      transactionId: '0xaa',
    });
  });

  test.each([
    ['overpaid', 'over'],
    ['duplicate', 'again'],
    ['underpaid', undefined],
    ['paid_late', undefined],
  ] as const)('%s tells the payer of what is theirs', (exception, more) => {
    const paid = { kind: 'paid', due: shown, transactionId: null };
    expect(screen({ status: 'completed', exception })).toEqual({ ...paid, ...(more && { more }) });
  });

  test('a page on which nothing was chosen may be confirmed by hand', () => {
    const found = screen({ status: 'paid_manually', method: null, progress: null, transactionId: '0xaa' });
    expect(found).toEqual({ kind: 'paid', due: null, transactionId: '0xaa' });
  });

  test('expired says so where nobody has looked to the end', () => {
    expect(screen({ status: 'expired', isUnread: true })).toEqual({
      kind: 'expired',
      late: null,
      isUnread: true,
    });
  });

  test.each(['expired', 'cancelled'] as const)('%s tells of a payment that came too late', status => {
    expect(screen({ status })).toEqual({ kind: status, late: null });
    for (const isRejected of [false, true]) {
      const late = { transactionId: '0xbb', isRejected };
      expect(screen({ status, stray: { ...late, ...open } })).toEqual({ kind: status, late });
    }
    expect(pageState(facts({ status }), moment()).canCancel).toBe(false);
  });
});

describe('what the shop has dealt with', () => {
  const stray = { transactionId: '0xbb', isRejected: false, ...open };
  const refunded = { resolution: 'refunded', refundId: '0xcc' } as const;
  const dismissed = { resolution: 'dismissed', refundId: null } as const;
  const refund = { transactionId: '0xcc' };

  test.each(['expired', 'cancelled'] as const)(
    '%s tells that a late payment was given back, or no more of it',
    status => {
      const late = { transactionId: '0xbb', isRejected: false, refund };
      expect(screen({ status, stray: { ...stray, ...refunded } })).toEqual({ kind: status, late });
      const unnamed = { ...stray, ...refunded, refundId: null };
      expect(screen({ status, stray: unnamed })).toMatchObject({ late: { refund: { transactionId: null } } });
      expect(screen({ status, stray: { ...stray, ...dismissed } })).toEqual({ kind: status, late: null });
    },
  );

  test.each([
    ['duplicate', 'again'],
    ['overpaid', 'over'],
  ] as const)('%s is told so until then', (exception, more) => {
    const paid = { kind: 'paid', due: shown, transactionId: null };
    const payment = { transactionId: '0xbb', height: 98, isFinal: true };
    const given = (resolved: typeof open | typeof refunded | typeof dismissed) =>
      screen({
        status: 'completed',
        exception,
        payment: { ...payment, ...(more === 'over' ? resolved : open) },
        stray: more === 'again' ? { ...stray, ...resolved } : null,
      });
    expect(given(open)).toEqual({ ...paid, more });
    expect(given(refunded)).toEqual({ ...paid, more, refund });
    expect(given(dismissed)).toEqual(paid);
  });
});

describe('a part that has come', () => {
  const parts = [
    { units: 4_000_000n, transactionId: 'a' },
    { units: 1_500_000n, transactionId: 'b' },
  ];
  const received = { sum: 5_500_000n, rest: 4_519_000n, parts };
  const listed = {
    amount: '5.50',
    asset: 'USDT',
    parts: [
      { amount: '4.00', transactionId: 'a' },
      { amount: '1.50', transactionId: 'b' },
    ],
  };

  test('leaves exactly the rest to be sent, its tail marked, and nothing to change or to give up', () => {
    const offers = [{ network: 'ERC-20', asset: 'USDT', progress: read } as const];
    const state = pageState(facts({ received, exception: 'underpaid', offers }), moment());
    expect(state.screen).toEqual({
      kind: 'underpaid',
      due: { ...shown, amount: '4.519', tail: 2 },
      received: listed,
    });
    expect(state.canCancel).toBe(false);
  });

  test('is looked at by the shop where nothing is asked for, or the time is over', () => {
    const review = { kind: 'review', received: listed };
    expect(screen({ received: { ...received, rest: null } })).toEqual(review);
    expect(screen({ received, status: 'expired' })).toEqual(review);
    expect(screen({ received, status: 'cancelled' })).toEqual(review);
    expect(screen({ received }, { now: expireAt })).toMatchObject({ kind: 'checking' });
  });
});
