import { beforeEach, describe, expect, test } from 'vitest';
import { makeMerchant, makeWallet, must } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { type NetworkCode, networks } from '../domain/asset.ts';
import { isGenuine, listWallets, watchedAddresses } from '../store/wallets.ts';
import { type AddWallet, addWallet } from './add-wallet.ts';
import type { Checked } from './faults.ts';
import { updateWallet } from './update-wallet.ts';
import type { WalletSettings } from './wallet-settings.ts';

const world = useWorld();
let merchantId: number;

beforeEach(async () => {
  merchantId = (await makeMerchant(world)).id;
});

const TRON = 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir';
const EVM = '0x52908400098527886E0F7030069857D2E4169EE7';
const settings: WalletSettings = {
  digits: 3,
  maxTail: 999,
  commissionPayer: 'merchant',
  holdHours: 24,
  active: true,
};

const add = (given: Partial<AddWallet> = {}) =>
  addWallet(world, {
    merchantId,
    network: 'TRC-20',
    cryptocurrency: 'USDT',
    address: TRON,
    settings,
    ...given,
  });

/** What was wrong, as "field: rule". */
const faults = (checked: Checked<unknown>): string[] =>
  checked.ok ? ['accepted'] : checked.fault.map(({ field, text }) => `${field}: ${text}`);

const wrong: [what: string, settings: Record<string, unknown>, fault: string | null][] = [
  ['1 digit', { digits: 1 }, 'digits: must be at least 2'],
  ['2 digits', { digits: 2 }, null],
  ['6 digits of a token that has 6', { digits: 6 }, null],
  ['7 digits of a token that has 6', { digits: 7 }, 'digits: must be at most 6'],
  ['2.5 digits', { digits: 2.5 }, 'digits: must be a whole number'],
  ['no tail', { maxTail: 0 }, 'maxTail: must be at least 1'],
  ['a tail of 10,000', { maxTail: 10_000 }, 'maxTail: must be at most 9999'],
  ['a tail of 9,999', { maxTail: 9999 }, null],
  [
    'another payer of the commission',
    { commissionPayer: 'bank' },
    'commissionPayer: must be payer or merchant',
  ],
  ['a hold of 1 hour', { holdHours: 1 }, 'holdHours: must be at least 2'],
  ['a hold of 2 hours', { holdHours: 2 }, null],
  ['a hold of 31 days', { holdHours: 744 }, 'holdHours: must be at most 720'],
  ['a hold of 30 days', { holdHours: 720 }, null],
  ['a code that holds the address', { qr: 'address' }, null],
  [
    'a code that is a link on Tron',
    { qr: 'uri' },
    'qr: must be address on TRC-20: there is no payment link that its wallets agree on',
  ],
  ['a code of another kind', { qr: 'logo' }, 'qr: must be address or uri'],
];

describe.each(wrong)('%s', (_, given, fault) => {
  test(fault ? 'is refused by its name and rule, in a new wallet and later' : 'is accepted', async () => {
    const { id } = await makeWallet(world, { id: merchantId });
    const expected = [fault ?? 'accepted'];
    expect(faults(await add({ settings: { ...settings, ...given } as WalletSettings }))).toEqual(expected);
    expect(faults(await updateWallet(world, id, given))).toEqual(expected);
    expect(await listWallets(world.db, world.vault, merchantId)).toHaveLength(fault ? 1 : 2);
  });
});

test('a token of 18 decimals may have 8 digits, and no more', async () => {
  const bsc = { network: 'BEP-20', address: EVM };
  expect(faults(await add({ ...bsc, settings: { ...settings, digits: 9 } }))).toEqual([
    'digits: must be at most 8',
  ]);
  expect(faults(await add({ ...bsc, settings: { ...settings, digits: 8 } }))).toEqual(['accepted']);
});

describe('the place of a wallet', () => {
  test('is a network we know and have, and a coin that exists there', async () => {
    const few = { ...world, networks: new Map([['TRC-20', networks['TRC-20']] as const]) };
    const input = { merchantId, cryptocurrency: 'USDT', address: EVM, settings };
    expect(faults(await add({ network: 'SOLANA' }))[0]).toMatch(/^network: must be one of TRC-20, ERC-20, /);
    expect(faults(await add({ network: 'trc-20' }))[0]).toMatch(/^network: must be one of /);
    expect(faults(await addWallet(few, { ...input, network: 'ERC-20' }))).toEqual([
      'network: ERC-20 is not configured here',
    ]);
    expect(faults(await add({ cryptocurrency: 'DAI' }))).toEqual([
      'cryptocurrency: must be one of USDT, USDC, TRX on TRC-20',
    ]);
    expect(faults(await add({ cryptocurrency: 'DOGE' }))[0]).toMatch(/^cryptocurrency: /);
  });

  test('belongs to a merchant that exists', async () => {
    expect(faults(await add({ merchantId: 99 }))).toEqual(['merchant: there is no merchant with this id']);
  });
});

describe('the address of a wallet', () => {
  test.each([
    ['of another family', 'TRC-20', EVM, 'an Ethereum-style (0x…) address; Tron needs a Tron (T…) one'],
    ['of another family', 'ERC-20', TRON, 'a Tron (T…) address; Ethereum needs an Ethereum-style (0x…) one'],
    ['with one wrong character', 'TRC-20', TRON.replace('Vq', 'Vp'), 'checksum'],
    ['with one wrong letter case', 'ERC-20', EVM.replace('E0F', 'e0F'), 'checksum'],
    ['that is a private key', 'ERC-20', 'ab'.repeat(32), 'looks like a private key'],
    [
      'that is a recovery phrase',
      'TRC-20',
      Array(12).fill('abandon').join(' '),
      'looks like a recovery phrase',
    ],
    [
      'that is the token itself',
      'ERC-20',
      networks['ERC-20'].tokens[0]!.contract,
      'is the USDT contract itself',
    ],
    ['of nobody', 'ERC-20', `0x${'0'.repeat(40)}`, 'zero address'],
    ['that is empty', 'TRC-20', '', 'a Tron address is T followed by'],
  ])('%s on %s is refused', async (_, network, address, rule) => {
    const [found] = faults(await add({ network, address }));
    expect(found).toMatch(/^address: /);
    expect(found).toContain(rule);
    if (address !== '') expect(found).not.toContain(address);
  });

  test('is kept as people write it and as it is compared, with a MAC that fits', async () => {
    const made = must(await add({ network: 'ERC-20', address: ` ${EVM.toLowerCase()} ` }));
    expect(made.address).toBe(EVM);
    const row = await world.db.selectFrom('wallets').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ address: EVM, address_key: EVM.toLowerCase(), hold_seconds: 86_400 });
    expect(isGenuine(world.vault, row)).toBe(true);
  });

  test('is one wallet a merchant, coin and network, however it is written', async () => {
    const input = { network: 'ERC-20', address: EVM };
    expect(faults(await add(input))).toEqual(['accepted']);
    expect(faults(await add({ ...input, address: EVM.toLowerCase() }))).toEqual([
      'address: this merchant has this wallet for USDT on ERC-20 already',
    ]);
    expect(faults(await add({ ...input, cryptocurrency: 'DAI' }))).toEqual(['accepted']);
    expect(faults(await add({ ...input, network: 'BASE' }))).toEqual(['accepted']);
    const other = await makeMerchant(world);
    expect(faults(await add({ ...input, merchantId: other.id }))).toEqual(['accepted']);
  });
});

describe('the watched addresses of a network', () => {
  const watched = (network: NetworkCode) => watchedAddresses(world.db, world.vault, network);

  test('have another version with every wallet that is added there, and only there', async () => {
    expect(await watched('TRC-20')).toEqual({ version: 0, keys: [], native: [] });
    must(await add());
    must(await add({ cryptocurrency: 'USDC' }));
    expect(await watched('TRC-20')).toMatchObject({ version: 2, keys: [expect.any(String)], native: [] });
    must(await add({ cryptocurrency: 'TRX' }));
    const { keys, native } = await watched('TRC-20');
    expect(native).toEqual(keys);
    expect(await watched('ERC-20')).toEqual({ version: 0, keys: [], native: [] });
  });

  test('do not change with a wallet that is refused', async () => {
    must(await add());
    await add();
    await add({ settings: { ...settings, digits: 1 } });
    expect((await watched('TRC-20')).version).toBe(1);
  });

  test('keep an inactive wallet', async () => {
    const { id } = must(await add());
    must(await updateWallet(world, id, { active: false }));
    expect((await watched('TRC-20')).keys).toHaveLength(1);
  });
});

describe('changing a wallet', () => {
  test('changes what is given and leaves the rest, and its MAC fits still', async () => {
    const { id } = must(await add());
    must(await updateWallet(world, id, { digits: 4, holdHours: 48 }));
    const row = await world.db.selectFrom('wallets').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      digits: 4,
      max_tail: 999,
      commission_payer: 'merchant',
      hold_seconds: 172_800,
    });
    expect(isGenuine(world.vault, row)).toBe(true);
  });

  test('that does not exist, or whose coin is not configured, is refused', async () => {
    const { id } = must(await add());
    expect(faults(await updateWallet(world, 99, {}))).toEqual(['wallet: there is no wallet with this id']);
    expect(faults(await updateWallet({ ...world, networks: new Map() }, id, {}))).toEqual([
      'wallet: USDT on TRC-20 is not configured here',
    ]);
  });
});
