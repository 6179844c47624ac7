/** At the end everybody was told of everything they have chosen, once, and of nothing that was not. */
import type { World } from './world.ts';

const UNTOLD = `
  select 'of invoice ' || i.id || ', which is paid, nobody was told' as wrong, null as place from invoices i
   where i.status in ('completed', 'paid_manually')
     and not exists (select from notices n where n.kind = 'paid' and n.subject = i.id::text)
  union all
  select 'of transfer ' || t.id || ', which settled nothing, nobody was told', t.network || ' ' || t.to_key from transfers t
   where t.state = 'unmatched' and t.resolution is null and t.reason <> 'late_rejected'
     and exists (select from wallets w where w.network = t.network and w.address_key = t.to_key)
     and not exists (select from notices n where n.kind = 'unmatched' and n.subject = t.id::text)
  union all
  select 'of invoice ' || i.id || ', which ended and waits for somebody, nobody was told', null from invoices i
   where i.status in ('expired', 'cancelled') and i.exception in ('underpaid', 'expired_blind')
     and not exists (select from notices n where n.kind = 'unmatched' and n.subject = 'invoice ' || i.id)
  union all
  select 'of delivery ' || d.id || ', which was given up, nobody was told', null from deliveries d
   where d.state = 'exhausted'
     and not exists (select from notices n where n.kind = 'webhook_exhausted' and n.subject = d.id::text)
  union all
  select 'notice ' || n.id || ' tells a stranger of invoice ' || i.id, null
    from notices n join invoices i on n.kind = 'paid' and i.id::text = n.subject
    join merchants m on m.id = i.merchant_id
   where not exists (select from memberships s where s.person_id = n.person_id and s.user_id = m.user_id)`;

export async function judgeNotices(world: World): Promise<string[]> {
  const rows = await world.admin.rows<{ wrong: string; place: string | null }>(UNTOLD);
  // While the address of a wallet was another one, nobody could know whose what came there is.
  return rows
    .filter(({ place }) => place === null || !world.everSwapped.has(place))
    .map(({ wrong }) => wrong);
}
