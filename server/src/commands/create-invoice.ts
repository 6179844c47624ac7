/**
 * Creating invoices: price → amount due → a reserved amount that nobody else holds → the invoice. Many are created in
 * one transaction (group commit); each is still judged on its own, and a refused one leaves nothing behind.
 */
import type { AssetCode, Network, NetworkCode } from '../domain/asset.ts';
import type { CreateFault } from '../domain/errors.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { Decimal } from '../domain/money.ts';
import { lag, MAX_LAG } from '../domain/network-lag.ts';
import { quote } from '../domain/quote.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { insertInvoices, referenceKey, takenReferences } from '../store/insert-invoices.ts';
import { unreserve } from '../store/reservations.ts';
import { isGenuine, type PayableWallet, payableWallets } from '../store/wallets.ts';
import { type Candidate, type Reserved, reserveAmounts } from './reserve-amounts.ts';
import type { TailMemory } from './tail-memory.ts';

export type CreateInvoice = {
  merchant: { id: number; compat: boolean; paymentMinutes: number };
  /** What the shop asks for, 8 decimals of a US dollar. */
  amount: Decimal;
  clientReferenceId: string;
  metadata: string | null;
  network: NetworkCode;
  asset: AssetCode;
};

export type CreateDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  networks: ReadonlyMap<NetworkCode, Network>;
  /** Uniform in 0..n-1, from a CSPRNG in production. */
  random: (n: number) => number;
  /** One for each process. */
  memory: TailMemory;
};

type Answer = Result<Invoice, CreateFault>;
const NO_FEE: Decimal = { units: 0n, scale: 0 };

/** Creates invoices in one transaction and answers for each, in order, the invoice or why there is none. */
export async function createInvoices(
  deps: CreateDeps,
  commands: readonly CreateInvoice[],
): Promise<Answer[]> {
  const now = deps.clock.now();
  return transact(deps.db, async tx => {
    const answers = new Map<CreateInvoice, Answer>();
    const open = await refuseTaken(tx, commands, answers);
    const candidates = await findCandidates(deps, tx, open, { now, answers });
    const reserved = await reserveAmounts({ tx, random: deps.random, memory: deps.memory }, candidates, now);
    for (const { item } of candidates) answers.set(item, fail('no_free_amount'));
    await insert(tx, reserved, { now, answers });
    return commands.map(command => answers.get(command) ?? fail('reference_taken'));
  });
}

/** The references that are new; the first of two equal ones in a batch goes ahead. */
async function refuseTaken(
  tx: Tx,
  commands: readonly CreateInvoice[],
  answers: Map<CreateInvoice, Answer>,
): Promise<CreateInvoice[]> {
  const taken = await takenReferences(
    tx,
    commands.map(({ merchant, clientReferenceId }) => ({ merchantId: merchant.id, clientReferenceId })),
  );
  return commands.filter(command => {
    const key = referenceKey(command.merchant.id, command.clientReferenceId);
    const isNew = !taken.has(key);
    if (isNew) taken.add(key);
    else answers.set(command, fail('reference_taken'));
    return isNew;
  });
}

/** Where each invoice could be paid, and the amount due there before its tail. */
async function findCandidates(
  deps: CreateDeps,
  tx: Tx,
  commands: readonly CreateInvoice[],
  { now, answers }: { now: number; answers: Map<CreateInvoice, Answer> },
): Promise<Candidate<CreateInvoice>[]> {
  const wallets = await payableWallets(
    tx,
    commands.map(({ merchant, network, asset }) => ({ merchantId: merchant.id, network, asset })),
  );
  return commands.flatMap((command, index) => {
    const usable = judgeWallets(deps, command, wallets[index] ?? [], now);
    if (usable.ok) return [candidate(deps, command, usable.value)];
    answers.set(command, usable);
    return [];
  });
}

function judgeWallets(
  deps: CreateDeps,
  { merchant, network, asset }: CreateInvoice,
  wallets: readonly PayableWallet[],
  now: number,
): Result<readonly PayableWallet[], CreateFault> {
  if (merchant.compat && (network !== 'TRC-20' || asset !== 'USDT')) return fail('compat_network');
  const row = deps.networks.get(network);
  if (!row || wallets.length === 0) return fail('no_wallet');
  if (!wallets.every(wallet => isGenuine(deps.vault, wallet))) return fail('wallet_integrity');
  const { scanned_at: scannedAt, caught_up_at: caughtUpAt } = wallets[0] ?? {};
  if (typeof scannedAt !== 'number' || typeof caughtUpAt !== 'number') return fail('network_behind');
  if (lag({ scannedAt, caughtUpAt }, now, row.onDemand ?? false) > MAX_LAG) return fail('network_behind');
  return ok(wallets);
}

/** Several wallets for the same coin are used in turn; the turn starts anywhere. */
function candidate(
  deps: CreateDeps,
  command: CreateInvoice,
  wallets: readonly PayableWallet[],
): Candidate<CreateInvoice> {
  const first = wallets.length > 1 ? deps.random(wallets.length) : 0;
  const inTurn = [...wallets.slice(first), ...wallets.slice(0, first)];
  const decimals = deps.networks
    .get(command.network)
    ?.tokens.find(({ asset }) => asset === command.asset)?.decimals;
  if (decimals === undefined) throw new Error(`${command.asset} has no decimals on ${command.network}`);
  return {
    item: command,
    places: inTurn.map(wallet => {
      const { commission, base } = quote({
        requested: command.amount,
        fee: NO_FEE,
        commissionPayer: wallet.commission_payer,
        digits: wallet.digits,
      });
      const step = 10n ** BigInt(decimals - wallet.digits);
      return { wallet, commission, decimals, step, base: base.units * step };
    }),
  };
}

async function insert(
  tx: Tx,
  reserved: readonly Reserved<CreateInvoice>[],
  { now, answers }: { now: number; answers: Map<CreateInvoice, Answer> },
): Promise<void> {
  const made = reserved.map(place => ({ place, invoice: toInvoice(place, now) }));
  const inserted = await insertInvoices(
    tx,
    made.map(({ invoice, place }) => ({ invoice, commission: place.commission })),
  );
  for (const { invoice, place } of made) {
    answers.set(place.item, inserted.has(invoice.id) ? ok(invoice) : fail('reference_taken'));
  }
  await unreserve(
    tx,
    made.map(({ invoice }) => invoice.id).filter(id => !inserted.has(id)),
  );
}

function toInvoice(
  { item, invoiceId, wallet, decimals, units }: Reserved<CreateInvoice>,
  now: number,
): Invoice {
  return {
    id: invoiceId,
    merchantId: item.merchant.id,
    clientReferenceId: item.clientReferenceId,
    metadata: item.metadata,
    compat: item.merchant.compat,
    requested: item.amount,
    source: null,
    method: {
      network: item.network,
      asset: item.asset,
      walletId: wallet.id,
      address: wallet.address,
      addressKey: wallet.address_key,
      final: { units, scale: decimals },
    },
    status: 'new',
    seen: null,
    exception: null,
    createdAt: now,
    expireAt: now + item.merchant.paymentMinutes * 60_000,
    endedAt: null,
    version: 1,
  };
}
