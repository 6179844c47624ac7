/** How much of what wallets can tell apart is in use. */
import { sql } from 'kysely';
import { GRACE } from '../domain/match.ts';
import type { Db } from './db.ts';

/** `span`: how many base units of its coin lie between the smallest and the largest tail of the wallet, and one tail more. */
export type Span = { walletId: number; span: bigint };

/**
 * How many amounts are held at once within the tails of one price, at the busiest of all prices, by wallet. Wherever a
 * price lies, its tails reach over `span`; so the amounts are walked along, and at each those within `span` above it are
 * counted. Divided by `span` they are less than 1 apart: by 1/9999 at least, which the bound of the frame leaves room for.
 * It reads every held amount of these wallets once, by their key. `now` in ms.
 */
export async function busiestHolds(
  db: Db,
  spans: readonly Span[],
  now: number,
): Promise<Map<number, number>> {
  if (spans.length === 0) return new Map();
  const { rows } = await sql<{ id: number; held: number }>`
    select w.id, max(h.held) as held
      from unnest(${spans.map(s => s.walletId)}::bigint[], ${spans.map(s => s.span)}::numeric[]) as s (id, span)
      join wallets w on w.id = s.id
      cross join lateral (
        select count(*) over (
                 order by r.units / s.span range between current row and 0.99995 following) as held
          from reservations r
         where r.network = w.network and r.address_key = w.address_key and r.asset = w.asset
           and (r.held_until is null or r.held_until >= ${new Date(now - GRACE)})) h
     group by w.id`.execute(db);
  return new Map(rows.map(({ id, held }) => [id, held]));
}
