/**
 * Notices by e-mail and Telegram, and new addresses of people. A notice is a row for one person and one way, written in the
 * transaction of what it tells of; it has no foreign keys, so that money never waits for the row of a person.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const KINDS = `('paid', 'unmatched', 'webhook_exhausted', 'wallet_changed', 'chain_lag', 'balance_low')`;
const CHANNELS = `('email', 'telegram')`;
const MAILS = `('password_reset', 'registration', 'invitation', 'email_change', 'email_asked', 'email_changed')`;

const statements = [
  `alter table installation
     add column notice_channels text[] not null default '{}' check (notice_channels <@ array['email', 'telegram']),
     add column telegram_bot text check (length(telegram_bot) between 1 and 64)`,
  `create table notice_channels (
    person_id bigint not null references people,
    channel text not null check (channel in ${CHANNELS}),
    chat_id text check (length(chat_id) between 1 and 32),
    chat_name text check (length(chat_name) between 1 and 64),
    attempts integer not null default 0 check (attempts >= 0),
    due_at timestamptz not null,
    lease uuid,
    leased_until timestamptz,
    primary key (person_id, channel),
    check ((channel = 'telegram') = (chat_id is not null)),
    check ((chat_id is null) = (chat_name is null))
  )`,
  `insert into notice_channels (person_id, channel, due_at) select id, 'email', created_at from people`,
  `create table notice_choices (
    person_id bigint not null references people,
    channel text not null check (channel in ${CHANNELS}),
    kind text not null check (kind in ${KINDS}),
    wanted boolean not null,
    primary key (person_id, channel, kind)
  )`,
  `create table notices (
    id bigint generated always as identity primary key,
    person_id bigint not null,
    channel text not null check (channel in ${CHANNELS}),
    kind text not null check (kind in ${KINDS}),
    user_id bigint,
    subject text not null check (length(subject) between 1 and 64),
    created_at timestamptz not null,
    sent_at timestamptz,
    unique (person_id, channel, kind, subject)
  )`,
  'create index notices_waiting on notices (person_id, channel, id) where sent_at is null',
  'create index notices_created on notices (created_at)',
  `create table alarms (
    kind text not null check (kind in ('chain_lag', 'balance_low')),
    subject text not null check (length(subject) between 1 and 32),
    since timestamptz not null,
    primary key (kind, subject)
  )`,
  `create table telegram_codes (
    code_hash bytea primary key check (length(code_hash) = 32),
    person_id bigint not null references people,
    expires_at timestamptz not null
  )`,
  'create index telegram_codes_person on telegram_codes (person_id)',
  'create index telegram_codes_expiry on telegram_codes (expires_at)',
  `create table email_changes (
    person_id bigint primary key references people,
    email text not null check (length(email) between 3 and 254),
    session_id bigint not null,
    token_hash bytea unique check (length(token_hash) = 32),
    expires_at timestamptz not null
  )`,
  'create index email_changes_expiry on email_changes (expires_at)',
  // Announcements of a wallet are notices from now on.
  `insert into notices (person_id, channel, kind, user_id, subject, created_at)
     select p.id, 'email', 'wallet_changed', m.user_id, w.id || ':' || (extract(epoch from l.created_at) * 1000)::bigint, l.created_at
       from mails l join people p on lower(p.email) = lower(l.email)
       join wallets w on w.id = l.wallet_id join merchants m on m.id = w.merchant_id
      where l.kind = 'wallet_held'
     on conflict do nothing`,
  `delete from mails where kind = 'wallet_held'`,
  `alter table mails
     drop column wallet_id,
     add column about text check (length(about) between 3 and 254),
     drop constraint mails_kind_check,
     add constraint mails_kind_check check (kind in ${MAILS}),
     add check ((kind in ('email_asked', 'email_changed')) = (about is not null))`,
];
