/**
 * What a test starts from, made by the same commands and store functions as in production. Every maker fills in what
 * does not matter; a test says only what does.
 */

import { addressText } from '../server/src/chains/registry.ts';
import { addWallet } from '../server/src/commands/add-wallet.ts';
import { type CreateInvoice, createInvoices } from '../server/src/commands/create-invoice.ts';
import { type CreatedMerchant, createMerchant } from '../server/src/commands/create-merchant.ts';
import { defaultSettings, type MerchantSettings } from '../server/src/commands/merchant-settings.ts';
import { TailMemory } from '../server/src/commands/tail-memory.ts';
import type { WalletSettings } from '../server/src/commands/wallet-settings.ts';
import { type AssetCode, type Network, type NetworkCode, networks } from '../server/src/domain/asset.ts';
import type { OperatorTerms } from '../server/src/domain/commission.ts';
import { apply, type Input, type Invoice, type Seen } from '../server/src/domain/invoice.ts';
import { type Decimal, parseDecimal, parsePrice } from '../server/src/domain/money.ts';
import { NO_HOLD, type WalletHold } from '../server/src/domain/wallet-hold.ts';
import type { Clock } from '../server/src/lib/clock.ts';
import { createLogger, type Logger } from '../server/src/lib/logger.ts';
import type { Result } from '../server/src/lib/result.ts';
import { openVault, type Vault } from '../server/src/lib/vault.ts';
import {
  advance,
  dropBlocksAbove,
  findCursor,
  keepBlocks,
  startCursor,
} from '../server/src/store/cursors.ts';
import { type Db, transact } from '../server/src/store/db.ts';
import { lockInvoices } from '../server/src/store/invoices.ts';
import { saveInvoices } from '../server/src/store/save-invoices.ts';
import { storeTransfers } from '../server/src/store/transfers.ts';
import { insertUser } from '../server/src/store/users.ts';
import { watchedAddresses } from '../server/src/store/wallets.ts';
import { type CoinRates, noCoinRates } from './coin-rate.ts';
import { Chance } from './seeded.ts';

const START = Date.UTC(2026, 0, 1, 12);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** A clock that stands until it is moved. */
class TestClock implements Clock {
  time: number;
  constructor(time = START) {
    this.time = time;
  }
  now(): number {
    return this.time;
  }
  advance(milliseconds: number): void {
    this.time += milliseconds;
  }
}

/** Everything commands and stages are handed, with time and chance in the test's hands. */
export type World = CoinRates & {
  db: Db;
  clock: TestClock;
  vault: Vault;
  logger: Logger;
  networks: ReadonlyMap<NetworkCode, Network>;
  chance: Chance;
  random: (n: number) => number;
  randomBytes: (size: number) => Buffer;
  webhookId: () => string;
  memory: TailMemory;
  allow: [];
  /** How long further wallets wait; by default not at all. */
  hold: WalletHold;
  /** What a currency is now; by default not known. */
  rateOf: (currency: string, now: number) => Decimal | null;
  /** The operator's; by default nothing is taken. */
  terms?: OperatorTerms;
  next: () => number;
};

export function makeWorld(db: Db, seed = 1): World {
  const chance = new Chance(seed);
  let given = 0;
  return {
    db,
    clock: new TestClock(),
    vault: openVault(Buffer.alloc(32, 7)),
    logger: createLogger('silent'),
    networks: new Map(Object.values(networks).map(network => [network.code, network])),
    chance,
    random: n => chance.below(n),
    randomBytes: size => Buffer.from(chance.hex(size), 'hex'),
    webhookId: () => `msg_${chance.hex(18)}`,
    memory: new TailMemory(),
    allow: [],
    rateOf: () => null,
    ...noCoinRates(),
    hold: NO_HOLD,
    next: () => ++given,
  };
}

/** The value of an outcome that must be good. */
export function must<T, F>(result: Result<T, F>): T {
  if (result.ok) return result.value;
  throw new Error(`it was refused: ${JSON.stringify(result.fault)}`);
}

/** The price that a text says; it must be one. */
export const price = (text: string): Decimal => must(parsePrice(text));

/** The decimal that a text says; it must be one. */
export function decimal(text: string): Decimal {
  const read = parseDecimal(text);
  if (!read) throw new Error(`${text} is not a decimal`);
  return read;
}

export async function makeUser(world: World, { email = `user${world.next()}@example.com` } = {}) {
  const id = await transact(world.db, tx => insertUser(tx, { email, passwordHash: null }, world.clock.now()));
  if (id === null) throw new Error(`${email} has an account already`);
  return id;
}

export type TestMerchant = CreatedMerchant & Pick<MerchantSettings, 'compat' | 'paymentMinutes'>;

export async function makeMerchant(
  world: World,
  { userId, ...given }: Partial<MerchantSettings> & { userId?: number } = {},
): Promise<TestMerchant> {
  const settings: MerchantSettings = {
    ...defaultSettings,
    name: 'A shop',
    url: 'https://shop.example/',
    webhookUrl: 'https://shop.example/hook',
    compat: false,
    ...given,
  };
  const made = await createMerchant(world, {
    userId: userId ?? (await makeUser(world)),
    settings,
    keys: null,
  });
  return { ...must(made), compat: settings.compat, paymentMinutes: settings.paymentMinutes };
}

/** 20 bytes of hex that no other call answers. */
export const newAccount = (world: World): string => (0xacc0000 + world.next()).toString(16).padStart(40, '0');

/** The address key of 20 bytes on a network. */
export function keyOn(network: NetworkCode, account: string): string {
  return networks[network].family === 'tron' ? `41${account}` : `0x${account}`;
}

export type TestWallet = { id: number; address: string; key: string; network: NetworkCode; asset: AssetCode };

export async function makeWallet(
  world: World,
  merchant: { id: number },
  given: Partial<WalletSettings> & { network?: NetworkCode; asset?: AssetCode; account?: string } = {},
): Promise<TestWallet> {
  const { network = 'TRC-20', asset = 'USDT', account = newAccount(world), ...settings } = given;
  const key = keyOn(network, account);
  const made = await addWallet(world, {
    merchantId: merchant.id,
    network,
    cryptocurrency: asset,
    address: addressText(networks[network], key),
    settings: {
      digits: 3,
      maxTail: 999,
      commissionPayer: 'merchant',
      holdHours: 24,
      active: true,
      ...settings,
    },
  });
  return { ...must(made), key, network, asset };
}

const blockHash = (height: number, fork = 0): string => `0x${fork}${height.toString().padStart(8, '0')}`;

/** Lets a network be read up to a block, as its watcher would have; by default one of now, with 10 below it final. */
export async function readTo(
  world: World,
  network: NetworkCode,
  at: { height: number; time?: number; final?: number; caughtUpAt?: number },
): Promise<void> {
  const { db, clock } = world;
  const block = { height: at.height, hash: blockHash(at.height), time: at.time ?? clock.now() };
  const progress = { final: at.final ?? at.height - 10, tip: at.height };
  const cursor = await findCursor(db, network);
  const { version } = await watchedAddresses(db, world.vault, network);
  await transact(db, async tx => {
    const caughtUpAt = at.caughtUpAt ?? clock.now();
    if (!cursor) return startCursor(tx, network, { genesis: blockHash(0), block, ...progress }, caughtUpAt);
    const { epoch, genesis } = cursor;
    const moved = await advance(tx, cursor, version, {
      epoch,
      genesis,
      through: block,
      caughtUpAt,
      ...progress,
    });
    if (!moved) throw new Error('the cursor did not move');
    await dropBlocksAbove(tx, network, at.height);
    await keepBlocks(tx, network, [block]);
  });
}

/** A merchant with a wallet on a network that has been read up to block 100. */
export async function makeShop(
  world: World,
  given: { merchant?: Parameters<typeof makeMerchant>[1]; wallet?: Parameters<typeof makeWallet>[2] } = {},
): Promise<{ merchant: TestMerchant; wallet: TestWallet }> {
  const merchant = await makeMerchant(world, given.merchant);
  const wallet = await makeWallet(world, merchant, given.wallet);
  if (!(await findCursor(world.db, wallet.network))) await readTo(world, wallet.network, { height: 100 });
  return { merchant, wallet };
}

export type NewInvoice = Partial<Omit<CreateInvoice, 'merchant' | 'requested'>> & {
  amount?: string;
  network?: NetworkCode;
  asset?: AssetCode;
};

/** What a shop asks for: by default 10 dollars in USDT on TRC-20 under a new reference. */
export function asked(world: World, merchant: TestMerchant, given: NewInvoice = {}): CreateInvoice {
  const { amount = '10', network = 'TRC-20', asset = 'USDT', ...rest } = given;
  return {
    merchant,
    requested: price(amount),
    source: null,
    clientReferenceId: `order ${world.next()}`,
    metadata: null,
    method: { network, asset },
    page: null,
    ...rest,
  };
}

export async function makeInvoice(
  world: World,
  merchant: TestMerchant,
  given: NewInvoice = {},
): Promise<Invoice> {
  const [answer] = await createInvoices(world, [asked(world, merchant, given)]);
  if (!answer) throw new Error('no answer');
  return must(answer);
}

/** Puts an input to an invoice now, as a command or a stage does; it must change it. */
export async function put(world: World, { id }: { id: number }, input: Input, seen: Seen | null = null) {
  const { db, webhookId, clock } = world;
  const now = clock.now();
  return transact(db, async tx => {
    const before = (await lockInvoices(tx, [id])).get(id);
    const changed = before ? apply(before, input, { now, seen }) : 'refuse';
    if (!before || typeof changed !== 'object') throw new Error(`${input} did not change invoice ${id}`);
    await saveInvoices(tx, [{ before, ...changed }], { now, webhookId });
    return changed.after;
  });
}

/** How an invoice is to be paid; it must have a method. */
export function methodOf(invoice: Invoice) {
  if (!invoice.method) throw new Error('no method was chosen');
  return invoice.method;
}

export type Payment = {
  units?: bigint;
  height?: number;
  /** Of the block, in ms. */
  time?: number;
  fork?: number;
  txId?: string;
  ordinal?: number;
  from?: string;
};

/** A transfer to an invoice's wallet as its watcher stores it: by default exactly what is due, in a block of now. */
export async function pay(world: World, invoice: Invoice, given: Payment = {}): Promise<string> {
  const method = methodOf(invoice);
  const cursor = await findCursor(world.db, method.network);
  if (!cursor) throw new Error(`${method.network} is not read`);
  const txId = given.txId ?? world.next().toString(16).padStart(64, '0');
  const height = given.height ?? cursor.height;
  const transfer = {
    txId,
    asset: method.asset,
    from: given.from ?? keyOn(method.network, 'f'.repeat(40)),
    to: method.addressKey,
    units: given.units ?? method.final.units,
    ordinal: given.ordinal ?? 0,
    block: { height, hash: blockHash(height, given.fork), time: given.time ?? world.clock.now() },
  };
  const at = { network: method.network, epoch: cursor.epoch };
  await transact(world.db, tx => storeTransfers(tx, at, [transfer], world.clock.now()));
  return txId;
}
