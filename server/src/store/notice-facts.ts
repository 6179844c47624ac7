/** What notices tell of, as it is when a message is written: what is no longer so is not among it. Times in ms. */
import { sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { EventType, OptInType } from '../domain/invoice.ts';
import type { Db } from './db.ts';
import { invoiceTasks } from './tasks.ts';

type Coin = { network: NetworkCode; asset: AssetCode; units: string; decimals: number | null };
type Fact<Facts> = { id: number; merchant: string } & Facts;

export type PaidFact = Fact<{ reference: string } & (Coin | { [Key in keyof Coin]: null })>;
export type EndedFact = PaidFact & { kind: 'rest_missing' | 'expired_blind' };
export type StrayFact = Fact<Coin & { tx_id: string }>;
export type WebhookFact = Fact<{ invoice_id: number; type: EventType | OptInType }>;
export type WalletFact = Fact<{
  merchant_id: number;
  network: NetworkCode;
  asset: AssetCode;
  address: string;
  active: boolean;
  active_from: number | null;
}>;

/** Invoices that are paid. */
export async function paidFacts(db: Db, ids: readonly number[]): Promise<PaidFact[]> {
  const { rows } = await sql<PaidFact>`
    select i.id, m.name as merchant, i.client_reference_id as reference, i.network, i.asset,
           i.final_units as units, i.final_decimals as decimals
      from invoices i join merchants m on m.id = i.merchant_id
     where i.id = any(${[...ids]}::bigint[]) and i.status in ('completed', 'paid_manually') order by i.id`.execute(
    db,
  );
  return rows;
}

/** Transfers that still wait for somebody, with the merchants of an account whose wallet they went to. */
export async function strayFacts(db: Db, ids: readonly number[], userId: number): Promise<StrayFact[]> {
  const { rows } = await sql<StrayFact>`
    select t.id, t.network, t.asset, t.units, null as decimals, t.tx_id, own.names as merchant
      from transfers t cross join lateral (
        select string_agg(distinct m.name, ', ') as names from wallets w join merchants m on m.id = w.merchant_id
         where w.network = t.network and w.address_key = t.to_key and m.user_id = ${userId}) own
     where t.id = any(${[...ids]}::bigint[]) and t.state = 'unmatched' and t.resolution is null
       and t.height is not null and own.names is not null
     order by t.id`.execute(db);
  return rows;
}

/** Invoices that have ended and wait for somebody: by what is unusual about them. */
export async function endedFacts(db: Db, ids: readonly number[]): Promise<EndedFact[]> {
  const { rows } = await sql<EndedFact>`
    select i.id, m.name as merchant, i.client_reference_id as reference, task.kind, i.network, i.asset,
           i.final_units as units, i.final_decimals as decimals
      from (${invoiceTasks}) task join invoices i on i.id = task.invoice_id join merchants m on m.id = i.merchant_id
     where task.invoice_id = any(${[...ids]}::bigint[]) and task.kind in ('rest_missing', 'expired_blind')
     order by i.id`.execute(db);
  return rows;
}

/** Webhooks whose every request has failed. */
export async function webhookFacts(db: Db, ids: readonly number[]): Promise<WebhookFact[]> {
  const { rows } = await sql<WebhookFact>`
    select d.id, m.name as merchant, d.invoice_id, o.type
      from deliveries d join outbox o on o.id = d.outbox_id join merchants m on m.id = d.merchant_id
     where d.id = any(${[...ids]}::bigint[]) and d.state = 'exhausted' order by d.id`.execute(db);
  return rows;
}

export async function walletFacts(db: Db, ids: readonly number[]): Promise<WalletFact[]> {
  const { rows } = await sql<WalletFact>`
    select w.id, m.name as merchant, w.merchant_id, w.network, w.asset, w.address, w.active, w.active_from
      from wallets w join merchants m on m.id = w.merchant_id
     where w.id = any(${[...ids]}::bigint[]) order by w.id`.execute(db);
  return rows;
}

/** Which of these last on. */
export async function lastingAlarms(
  db: Db,
  kind: 'chain_lag' | 'balance_low',
  subjects: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('alarms')
    .select('subject')
    .where('kind', '=', kind)
    .where('subject', 'in', subjects.length === 0 ? [''] : [...subjects])
    .execute();
  return new Set(rows.map(({ subject }) => subject));
}

/** The accounts with a wallet that takes invoices on one of these networks. */
export async function accountsOn(
  db: Db,
  networks: readonly NetworkCode[],
): Promise<{ network: NetworkCode; userId: number }[]> {
  const rows = await db
    .selectFrom('wallets as w')
    .innerJoin('merchants as m', 'm.id', 'w.merchant_id')
    .select(['w.network', 'm.user_id as userId'])
    .distinct()
    .where('w.active', '=', true)
    .where('w.network', 'in', networks.length === 0 ? ['' as NetworkCode] : [...networks])
    .execute();
  return rows;
}
