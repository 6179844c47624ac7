/**
 * Creating invoices: price → amount due → a reserved amount that nobody else holds → the invoice. Many are created in
 * one transaction (group commit); each is still judged on its own, and a refused one leaves nothing behind.
 */
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import { commissionOf, type OperatorTerms } from '../domain/commission.ts';
import type { CreateFault } from '../domain/errors.ts';
import type { CoinRate, Invoice, Method, Page, Source } from '../domain/invoice.ts';
import type { Decimal } from '../domain/money.ts';
import type { Usd } from '../domain/usd.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok } from '../lib/result.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import {
  insertInvoices,
  type NewInvoice,
  nextInvoiceIds,
  referenceKey,
  takenReferences,
} from '../store/insert-invoices.ts';
import { unreserve } from '../store/reservations.ts';
import { hasActiveWallet } from '../store/wallets.ts';
import { agreeTerms } from './agree-terms.ts';
import { claimKeysOf, type Once, settleKeysOf } from './create-once.ts';
import { findPlaces, type PlaceDeps } from './find-places.ts';
import { type Candidate, type Reserved, reserveAmounts } from './reserve-amounts.ts';
import type { TailMemory } from './tail-memory.ts';

export type CreateInvoice = {
  merchant: { id: number; compat: boolean; paymentMinutes: number };
  /** What is asked for, in US dollars, 8 decimals. */
  requested: Decimal;
  /** What the shop asked for in another currency. */
  source: Source | null;
  clientReferenceId: string;
  metadata: string | null;
  /** null: the payer chooses on the page. */
  method: { network: NetworkCode; asset: AssetCode } | null;
  /** What a dollar is of that coin now; null where it counts as one, or is not chosen yet. */
  rate?: CoinRate | null;
  page: Page | null;
  /** Makes this create count once for a key of the shop's. */
  once?: Once | null;
  /** The user whose balance it tops up when it is paid. */
  topUpUserId?: number;
};

export type CreateDeps = PlaceDeps & {
  db: Db;
  clock: Clock;
  /** One for each process. */
  memory: TailMemory;
  /** The operator's, for users without terms of their own; by default nothing is taken and nobody refused. */
  terms?: OperatorTerms | undefined;
};

/** `balance`: of `balance_low`, what the user has. */
export type Refused = { ok: false; fault: CreateFault; balance?: Usd };
export type Answer = { ok: true; value: Invoice } | Refused;
export type Answers = Map<CreateInvoice, Answer>;
/** A command whose payment method is fixed. */
type Fixed = CreateInvoice & { method: NonNullable<CreateInvoice['method']> };
type Percents = ReadonlyMap<CreateInvoice, Decimal>;

/** Creates invoices in one transaction and answers for each, in order, the invoice or why there is none. */
export async function createInvoices(
  deps: CreateDeps,
  commands: readonly CreateInvoice[],
): Promise<Answer[]> {
  const now = deps.clock.now();
  return transact(deps.db, tx => createInvoicesIn(deps, tx, { commands, now }));
}

/** The same as a part of a larger transaction. */
export async function createInvoicesIn(
  deps: CreateDeps,
  tx: Tx,
  { commands, now }: { commands: readonly CreateInvoice[]; now: number },
): Promise<Answer[]> {
  const answers: Answers = new Map();
  const claimed = await claimKeysOf(tx, commands, { now, answers });
  const untaken = await refuseTaken(
    tx,
    commands.filter(command => !answers.has(command)),
    answers,
  );
  const percents = await agreeTerms(tx, untaken, { terms: deps.terms, answers });
  const open = [...percents.keys()];
  const made = [
    ...(await withAmounts(deps, tx, open.filter(isFixed), { now, answers, percents })),
    ...(await withoutAmounts(
      tx,
      open.filter(command => command.method === null),
      { now, answers, percents },
    )),
  ];
  await insert(tx, made, answers);
  await settleKeysOf(tx, claimed, answers);
  return commands.map(command => answers.get(command) ?? fail('reference_taken'));
}

function isFixed(command: CreateInvoice): command is Fixed {
  return command.method !== null;
}

/** The references that are new; the first of two equal ones in a batch goes ahead. */
async function refuseTaken(
  tx: Tx,
  commands: readonly CreateInvoice[],
  answers: Answers,
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

type Made = NewInvoice & { command: CreateInvoice };

async function withAmounts(
  deps: CreateDeps,
  tx: Tx,
  commands: readonly Fixed[],
  { now, answers, percents }: { now: number; answers: Answers; percents: Percents },
): Promise<Made[]> {
  const payables = commands.map(command => ({
    ...command,
    rate: command.rate ?? null,
    percent: percentOf(command, percents),
  }));
  const found = await findPlaces(deps, tx, payables, now);
  const candidates = commands.flatMap((item, index): Candidate<Fixed>[] => {
    const places = found[index];
    if (places?.ok) return [{ item, places: places.value }];
    answers.set(item, places ?? fail('no_wallet'));
    return [];
  });
  const reserved = await reserveAmounts({ tx, random: deps.random, memory: deps.memory }, candidates, now);
  for (const { item } of candidates) answers.set(item, fail('no_free_amount'));
  return reserved.map(place => ({
    command: place.item,
    commission: place.commission,
    invoice: toInvoice(place.item, {
      id: place.invoiceId,
      now,
      percent: percentOf(place.item, percents),
      method: { ...methodOf(place), since: now },
    }),
  }));
}

function percentOf(command: CreateInvoice, percents: Percents): Decimal {
  const percent = percents.get(command);
  if (!percent) throw new Error('an invoice without terms');
  return percent;
}

/** How a reserved amount is to be paid. */
export function methodOf({
  wallet,
  decimals,
  rate,
  units,
}: Omit<Reserved<unknown>, 'item'>): Omit<Method, 'since'> {
  return {
    network: wallet.network,
    asset: wallet.asset,
    walletId: wallet.id,
    address: wallet.address,
    addressKey: wallet.address_key,
    final: { units, scale: decimals },
    rate,
  };
}

/** Invoices for which the payer is still to choose: no amount is reserved, but there must be something to choose. */
async function withoutAmounts(
  tx: Tx,
  commands: readonly CreateInvoice[],
  { now, answers, percents }: { now: number; answers: Answers; percents: Percents },
): Promise<Made[]> {
  const payable = await hasActiveWallet(
    tx,
    commands.map(({ merchant }) => merchant.id),
    now,
  );
  const open = commands.filter(command => {
    const isPayable = payable.has(command.merchant.id);
    if (!isPayable) answers.set(command, fail('no_wallet'));
    return isPayable;
  });
  const ids = await nextInvoiceIds(tx, open.length);
  return open.flatMap((command, index): Made[] => {
    const id = ids[index];
    if (id === undefined) return [];
    const percent = percentOf(command, percents);
    const commission = commissionOf(command.requested, percent);
    return [{ command, commission, invoice: toInvoice(command, { id, now, percent, method: null }) }];
  });
}

async function insert(tx: Tx, made: readonly Made[], answers: Answers): Promise<void> {
  const inserted = await insertInvoices(tx, made);
  for (const { invoice, command } of made) {
    answers.set(command, inserted.has(invoice.id) ? ok(invoice) : fail('reference_taken'));
  }
  await unreserve(
    tx,
    made.map(({ invoice }) => invoice.id).filter(id => !inserted.has(id)),
  );
}

function toInvoice(
  { merchant, requested, source, clientReferenceId, metadata, page, topUpUserId }: CreateInvoice,
  { id, now, percent, method }: { id: number; now: number; percent: Decimal; method: Invoice['method'] },
): Invoice {
  return {
    id,
    merchantId: merchant.id,
    clientReferenceId,
    metadata,
    compat: merchant.compat,
    requested,
    commissionPercent: percent,
    topUpUserId: topUpUserId ?? null,
    source,
    page,
    method,
    status: method ? 'new' : 'awaiting_method',
    seen: null,
    exception: null,
    createdAt: now,
    expireAt: now + merchant.paymentMinutes * 60_000,
    endedAt: null,
    version: 1,
  };
}
