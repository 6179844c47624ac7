import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeMerchant, makeUser, must } from '../../../test/factories.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import { parseCidrs } from '../lib/address-guard.ts';
import { openVault } from '../lib/vault.ts';
import { findLogo } from '../store/logos.ts';
import { findCredentials, findSigningKeys, listMerchants } from '../store/merchants.ts';
import { createMerchant } from './create-merchant.ts';
import type { Checked } from './faults.ts';
import type { MerchantSettings } from './merchant-settings.ts';
import { updateMerchant } from './update-merchant.ts';

const world = useWorld();

const good: MerchantSettings = {
  name: 'A shop',
  url: 'https://shop.example/',
  webhookUrl: 'https://shop.example/hook',
  auth: 'signature',
  paymentMinutes: 30,
  compat: true,
  privateKeyHeader: false,
  signatureV2: 'off',
  verifiedOnly: false,
  pageOrigins: [],
  returnHosts: null,
  language: null,
  late: 'review',
  lateDrift: '1',
  underpaidTolerance: '0',
  overpaidTolerance: '0',
  remainder: false,
  optInEvents: [],
};

/** What was wrong, as "field: rule". */
const faults = (checked: Checked<unknown>): string[] =>
  checked.ok ? ['accepted'] : checked.fault.map(({ field, text }) => `${field}: ${text}`);

const percent = (field: string, most: number) =>
  `${field}: must be a number from 0 to ${most} with at most 4 decimals`;

const wrong: [what: string, settings: Record<string, unknown>, fault: string | null][] = [
  ['a tolerance of 5 percent', { underpaidTolerance: '5' }, null],
  ['more than that', { underpaidTolerance: '5.0001' }, percent('underpaidTolerance', 5)],
  ['a negative one', { overpaidTolerance: '-1' }, percent('overpaidTolerance', 100)],
  ['one of five decimals', { overpaidTolerance: '0.00001' }, percent('overpaidTolerance', 100)],
  ['a drift that is no number', { lateDrift: 'much' }, percent('lateDrift', 100)],
  ['an unknown policy', { late: 'maybe' }, 'late: must be one of review, accept, reject'],
  [
    'an unknown event',
    { optInEvents: ['late', 'paid'] },
    'optInEvents: must be among detected, underpaid, overpaid, late, duplicate, reversed',
  ],
  ['an empty name', { name: '' }, 'name: must not be empty'],
  ['a name of blanks', { name: '   ' }, 'name: must not be empty'],
  ['a name of 101 characters', { name: 'x'.repeat(101) }, 'name: must have at most 100 characters'],
  ['a name of 100 characters', { name: 'x'.repeat(100) }, null],
  ['a URL that is none', { url: 'shop' }, 'url: must be an http or https URL'],
  ['a URL of another kind', { url: 'ftp://shop.example' }, 'url: must be an http or https URL'],
  ['a script as URL', { url: 'javascript:alert(1)' }, 'url: must be an http or https URL'],
  [
    'a URL of 2049 characters',
    { url: `https://a/${'x'.repeat(2039)}` },
    'url: must have at most 2048 characters',
  ],
  ['no webhook URL', { webhookUrl: null }, null],
  ['a webhook URL on any port', { webhookUrl: 'http://shop.example:8443/x' }, null],
  ['an empty webhook URL', { webhookUrl: '' }, 'webhookUrl: This is not a valid URL.'],
  [
    'a webhook URL of our own host',
    { webhookUrl: 'http://127.0.0.1/' },
    'webhookUrl: The URL points to 127.0.0.1, which is',
  ],
  [
    'a webhook URL with a password',
    { webhookUrl: 'https://a:b@shop.example/' },
    'webhookUrl: The URL must not contain',
  ],
  ['another kind of authentication', { auth: 'none' }, 'auth: must be signature or private-key'],
  ['a payment time of 14 minutes', { paymentMinutes: 14 }, 'paymentMinutes: must be at least 15'],
  ['a payment time of 91 minutes', { paymentMinutes: 91 }, 'paymentMinutes: must be at most 90'],
  [
    'a payment time of 15.5 minutes',
    { paymentMinutes: 15.5 },
    'paymentMinutes: must be a whole number of minutes',
  ],
  ['a payment time of 15 minutes', { paymentMinutes: 15 }, null],
  ['a payment time of 90 minutes', { paymentMinutes: 90 }, null],
  ['an origin', { pageOrigins: ['https://shop.example', 'http://localhost:3000'] }, null],
  [
    'an origin with a path',
    { pageOrigins: ['https://shop.example/x'] },
    'pageOrigins.0: "https://shop.example/x" must',
  ],
  ['any origin', { pageOrigins: ['*'] }, 'pageOrigins.0: "*" must be an origin'],
  [
    '21 origins',
    { pageOrigins: Array(21).fill('https://a.example') },
    'pageOrigins: must be at most 20 origins',
  ],
  ['a host to return to', { returnHosts: ['app.example:8443'] }, null],
  ['no host to return to', { returnHosts: [] }, null],
  [
    'a URL to return to',
    { returnHosts: ['https://shop.example'] },
    'returnHosts.0: "https://shop.example" must be a host',
  ],
  ['a language', { language: 'de-DE' }, null],
  ['a language there is not', { language: 'de' }, 'language: must be one of en-US, ru-RU'],
];

describe.each(wrong)('%s', (_, settings, fault) => {
  test(fault ? 'is refused by its name and rule, in a new merchant and later' : 'is accepted', async () => {
    const userId = await makeUser(world);
    const input = { userId, settings: { ...good, ...settings }, keys: null };
    const { id } = await makeMerchant(world);
    const both = [
      faults(await createMerchant(world, input)),
      faults(await updateMerchant(world, id, settings)),
    ];
    for (const found of both) {
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(fault ?? 'accepted');
    }
    expect(await listMerchants(world.db)).toHaveLength(fault ? 1 : 2);
  });
});

describe('a merchant', () => {
  test('is told all that is wrong at once', async () => {
    const settings = { ...good, name: '', paymentMinutes: 1, url: 'x' };
    const found = faults(
      await createMerchant(world, { userId: await makeUser(world), settings, keys: null }),
    );
    expect(found.map(text => text.split(':')[0]).sort()).toEqual(['name', 'paymentMinutes', 'url']);
  });

  test('has a logo from the start or later, which can be replaced and removed', async () => {
    const file = (name: string) => readFileSync(new URL(`../lib/image/fixtures/${name}`, import.meta.url));
    const userId = await makeUser(world);
    const made = must(
      await createMerchant(world, { userId, settings: good, keys: null, logo: file('photo.jpg') }),
    );
    const logo = async () => (await listMerchants(world.db))[0]?.logo ?? null;
    const first = await logo();
    expect(await findLogo(world.db, first!)).toMatchObject({ type: 'image/jpeg' });
    must(await updateMerchant(world, made.id, { name: 'Another name' }));
    expect(await logo()).toBe(first);
    must(await updateMerchant(world, made.id, { logo: file('alpha.webp') }));
    expect(await findLogo(world.db, (await logo())!)).toMatchObject({ type: 'image/webp' });
    expect(await findLogo(world.db, first!)).toBeNull();
    const svg = Buffer.from('<svg onload="alert(1)"/>');
    expect(faults(await updateMerchant(world, made.id, { logo: svg, name: 'Not saved' }))).toEqual([
      'logo: must be a PNG, JPEG or WebP image',
    ]);
    expect(
      faults(await createMerchant(world, { userId, settings: good, keys: null, logo: svg })),
    ).toHaveLength(1);
    must(await updateMerchant(world, made.id, { logo: null }));
    expect(await logo()).toBeNull();
    expect((await listMerchants(world.db)).map(({ name }) => name)).toEqual(['Another name']);
  });

  test('needs a user', async () => {
    expect(faults(await createMerchant(world, { userId: 99, settings: good, keys: null }))).toEqual([
      'user: there is no user with this id',
    ]);
  });

  test('gets keys of its own that authenticate it and sign for it, and are nowhere in the database as such', async () => {
    const made = await makeMerchant(world, { auth: 'private-key', compat: true, paymentMinutes: 45 });
    expect(made.publicKey).toMatch(/^public_[\w-]{32}$/);
    expect(made.privateKey).toMatch(/^private_[\w-]{43}$/);
    expect(made.webhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const found = await findCredentials(world.db, world.vault, {
      publicKeys: ['public_unknown', made.publicKey],
      now: world.clock.now(),
    });
    expect(found[0]).toBeNull();
    expect(found[1]).toEqual({
      merchantId: made.id,
      userId: 1,
      lastUsedAt: null,
      signatureV2: 'off',
      verifiedOnly: false,
      auth: 'private-key',
      compat: true,
      paymentMinutes: 45,
      publicKey: made.publicKey,
      privateKey: made.privateKey,
    });
    const { publicKey, privateKey, webhookSecret } = made;
    expect(
      (await findSigningKeys(world.db, world.vault, { merchantIds: [made.id], now: world.clock.now() })).get(
        made.id,
      ),
    ).toEqual({
      publicKey,
      privateKey,
      webhookSecret,
    });
    const stored = await world.db.selectFrom('merchant_keys').selectAll().executeTakeFirstOrThrow();
    expect(stored.private_key.includes(privateKey)).toBe(false);
    const stranger = openVault(Buffer.alloc(32, 3));
    await expect(
      findCredentials(world.db, stranger, { publicKeys: [publicKey], now: world.clock.now() }),
    ).rejects.toThrow();
  });

  test('may bring its keys along, unless they are in use or cannot be sent in a header', async () => {
    const userId = await makeUser(world);
    const keys = { publicKey: 'pk-of-before', privateKey: 'sk of before'.replaceAll(' ', '-') };
    const create = (given: { publicKey?: unknown; privateKey?: unknown }) =>
      createMerchant(world, { userId, settings: good, keys: given });
    expect(must(await create(keys))).toMatchObject(keys);
    expect(faults(await create(keys))).toEqual(['publicKey: is in use already']);
    expect(faults(await create({ publicKey: 'a b', privateKey: 'x' }))).toEqual([
      'publicKey: must be 1 to 255 printable characters without spaces',
    ]);
    expect(faults(await create({ publicKey: 'abc', privateKey: 'é' }))).toEqual([
      'privateKey: must be 1 to 255 printable characters without spaces',
    ]);
    expect(faults(await create({ publicKey: 'abc' }))[0]).toMatch(/^privateKey: /);
  });

  test('may have its webhooks sent to a private network that the operator allows', async () => {
    const allow = must(parseCidrs(['10.0.0.0/8']));
    const { id } = await makeMerchant(world);
    const webhookUrl = 'http://10.1.2.3/hook';
    expect(faults(await updateMerchant(world, id, { webhookUrl }))).not.toEqual(['accepted']);
    expect(faults(await updateMerchant({ ...world, allow }, id, { webhookUrl }))).toEqual(['accepted']);
  });
});

describe('changing a merchant', () => {
  test('changes what is given and leaves the rest', async () => {
    const { id } = await makeMerchant(world, { paymentMinutes: 45, auth: 'private-key' });
    must(await updateMerchant(world, id, { name: ' Renamed ', webhookUrl: null, privateKeyHeader: true }));
    const row = await world.db.selectFrom('merchants').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      name: 'Renamed',
      url: 'https://shop.example/',
      webhook_url: null,
      auth: 'private-key',
      payment_minutes: 45,
      private_key_header: true,
    });
  });

  test('leaves each setting that is not given as it was', async () => {
    const { id } = await makeMerchant(world, {
      auth: 'private-key',
      paymentMinutes: 45,
      compat: true,
      privateKeyHeader: true,
      signatureV2: 'on',
      verifiedOnly: true,
      pageOrigins: ['https://a.example'],
      returnHosts: ['b.example'],
      language: 'de-DE',
      late: 'reject',
      lateDrift: '2',
      underpaidTolerance: '3',
      overpaidTolerance: '4',
      remainder: true,
      optInEvents: ['late'],
    });
    const row = () => world.db.selectFrom('merchants').selectAll().executeTakeFirstOrThrow();
    const before = await row();
    expect(before).toMatchObject({
      late_drift: '2.0000',
      underpaid_tolerance: '3.0000',
      overpaid_tolerance: '4.0000',
    });
    must(await updateMerchant(world, id, { name: 'Renamed' }));
    expect(await row()).toEqual({ ...before, name: 'Renamed' });
  });

  test('of what a webhook URL may hold as a secret says only that it has changed', async () => {
    const { id } = await makeMerchant(world, { webhookUrl: 'https://shop.example/hook?token=1' });
    must(await updateMerchant(world, id, { webhookUrl: 'https://shop.example/hook?token=2' }));
    must(await updateMerchant(world, id, { webhookUrl: 'https://shop.example/hook?token=2' }));
    const log = world.db.selectFrom('audit_log').select(['action', 'after']).orderBy('id');
    expect((await log.execute()).map(({ action, after }) => [action, JSON.parse(after!).webhookUrl])).toEqual(
      [
        ['merchant.add', 'https://shop.example/hook'],
        ['merchant.change', 'changed'],
      ],
    );
  });

  test('that does not exist is refused', async () => {
    expect(faults(await updateMerchant(world, 5, { name: 'x' }))).toEqual([
      'merchant: there is no merchant with this id',
    ]);
  });

  test('by two at once keeps both changes', async () => {
    const { id } = await makeMerchant(world);
    await warm(world.db);
    await Promise.all([
      updateMerchant(world, id, { name: 'Renamed' }),
      updateMerchant(world, id, { paymentMinutes: 60 }),
      updateMerchant(world, id, { compat: true }),
    ]);
    const row = await world.db.selectFrom('merchants').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ name: 'Renamed', payment_minutes: 60, compat: true });
  });
});
