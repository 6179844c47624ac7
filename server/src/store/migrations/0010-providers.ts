/** What is known of each provider, what a second one has read again, what two agree on, and networks taken out of use. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table providers (
     network text not null,
     provider text not null,
     state text not null check (state in ('ok', 'degraded', 'quarantined')),
     reason text check ((reason is null) = (state = 'ok')),
     since timestamptz not null,
     until timestamptz check ((until is null) = (state <> 'quarantined')),
     strikes integer not null default 0 check (strikes >= 0),
     head bigint,
     latency_ms integer,
     errors_percent integer not null default 0 check (errors_percent between 0 and 100),
     seen_at timestamptz not null,
     primary key (network, provider))`,
  `alter table cursors
     add column rechecked_height bigint,
     add column rechecked_at timestamptz,
     add column found_late bigint not null default 0,
     add column retired_at timestamptz,
     add check ((rechecked_height is null) = (rechecked_at is null))`,
  'alter table payments add column agreed_at timestamptz',
];
