/** What a merchant may set about the payer's page: who may frame it, where it returns to, its language, logo and code. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table merchants
     add column page_origins text[] not null default '{}' check (cardinality(page_origins) <= 20),
     add column return_hosts text[] check (cardinality(return_hosts) <= 20),
     add column language text check (language in ('en-US', 'ru-RU', 'de-DE', 'es-ES', 'fr-FR'))`,
  `alter table wallets add column qr text not null default 'address' check (qr in ('address', 'uri'))`,
  `create table merchant_logos (
     merchant_id bigint primary key references merchants,
     hash text not null check (hash ~ '^[0-9a-f]{64}$'),
     type text not null check (type in ('image/png', 'image/jpeg', 'image/webp')),
     width integer not null check (width between 1 and 512),
     height integer not null check (height between 1 and 512),
     bytes bytea not null check (length(bytes) <= 65536),
     created_at timestamptz not null)`,
  // Not unique: two merchants may have the same picture.
  'create index merchant_logos_hash on merchant_logos (hash)',
];
