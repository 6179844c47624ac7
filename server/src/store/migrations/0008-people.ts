/**
 * People who sign in, and what they may do. Of every secret only a SHA-256 is kept, but for TOTP secrets, which are
 * sealed because codes are computed from them. The audit log is append-only by trigger.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...people, ...proofs, ...visits, ...invitations, ...audit])
    await sql.raw(statement).execute(db);
}

const ROLES = `('owner', 'admin', 'developer', 'support', 'viewer')`;

const people = [
  'alter table installation add column set_up_hash bytea, add column set_up_expires_at timestamptz',
  'alter table installation add column set_up_user_id bigint references users',
  `create table people (
    id bigint generated always as identity primary key,
    email text not null check (length(email) between 3 and 254),
    name text not null check (length(name) between 1 and 100),
    password_hash text not null,
    language text not null check (language in ('en', 'ru', 'de', 'es', 'fr')),
    is_operator boolean not null,
    handle bytea not null unique check (length(handle) = 32),
    created_at timestamptz not null
  )`,
  'create unique index people_email on people (lower(email))',
  `create table memberships (
    person_id bigint not null references people,
    user_id bigint not null references users,
    role text not null check (role in ${ROLES}),
    created_at timestamptz not null,
    primary key (person_id, user_id)
  )`,
  'create index memberships_user on memberships (user_id)',
];

const proofs = [
  `create table totp (
    person_id bigint primary key references people,
    secret bytea not null,
    confirmed_at timestamptz,
    last_step bigint,
    created_at timestamptz not null
  )`,
  `create table recovery_codes (
    person_id bigint not null references people,
    code_hash bytea not null check (length(code_hash) = 32),
    used_at timestamptz,
    primary key (person_id, code_hash)
  )`,
  `create table passkeys (
    id bigint generated always as identity primary key,
    person_id bigint not null references people,
    credential_id text not null unique check (length(credential_id) <= 1400),
    public_key bytea not null,
    counter bigint not null,
    transports text[] not null,
    name text not null check (length(name) between 1 and 100),
    created_at timestamptz not null,
    last_used_at timestamptz
  )`,
  'create index passkeys_person on passkeys (person_id)',
  `create table passkey_challenges (
    challenge text primary key,
    session_id bigint,
    expires_at timestamptz not null
  )`,
  'create index passkey_challenges_expiry on passkey_challenges (expires_at)',
];

const visits = [
  `create table sessions (
    id bigint generated always as identity primary key,
    token_hash bytea not null unique check (length(token_hash) = 32),
    person_id bigint not null references people,
    stage text not null check (stage in ('second_factor', 'full')),
    address text not null,
    user_agent text not null check (length(user_agent) <= 200),
    created_at timestamptz not null,
    seen_at timestamptz not null,
    proved_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  'create index sessions_person on sessions (person_id)',
  'create index sessions_expiry on sessions (expires_at)',
  `create table known_devices (
    token_hash bytea primary key check (length(token_hash) = 32),
    person_id bigint not null references people,
    seen_at timestamptz not null
  )`,
  'create index known_devices_person on known_devices (person_id)',
  'create index known_devices_seen on known_devices (seen_at)',
  `create table tries (
    bucket bytea primary key check (length(bucket) = 32),
    count integer not null check (count > 0),
    last_at timestamptz not null
  )`,
  'create index tries_last on tries (last_at)',
];

const invitations = [
  `create table invitations (
    id bigint generated always as identity primary key,
    token_hash bytea unique check (length(token_hash) = 32),
    email text not null check (length(email) between 3 and 254),
    user_id bigint references users,
    role text not null check (role in ${ROLES}),
    invited_by bigint references people,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  'create index invitations_user on invitations (user_id)',
  'create index invitations_expiry on invitations (expires_at)',
  `create table password_resets (
    token_hash bytea primary key check (length(token_hash) = 32),
    person_id bigint not null references people,
    expires_at timestamptz not null
  )`,
  'create index password_resets_person on password_resets (person_id)',
  'create index password_resets_expiry on password_resets (expires_at)',
  `create table mails (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('password_reset', 'registration', 'invitation')),
    email text not null check (length(email) between 3 and 254),
    language text not null check (language in ('en', 'ru', 'de', 'es', 'fr')),
    invitation_id bigint references invitations on delete cascade,
    created_at timestamptz not null,
    attempts integer not null,
    due_at timestamptz not null,
    lease uuid,
    leased_until timestamptz,
    check ((kind = 'invitation') = (invitation_id is not null))
  )`,
  'create index mails_due on mails (due_at)',
  'create index mails_invitation on mails (invitation_id)',
];

const audit = [
  `create table audit_log (
    id bigint primary key check (id > 0),
    at timestamptz not null,
    actor text not null check (actor in ('person', 'command_line', 'program')),
    person_id bigint references people,
    user_id bigint references users,
    action text not null check (length(action) between 1 and 100),
    target text not null check (length(target) <= 300),
    before text,
    after text,
    address text,
    hash bytea not null check (length(hash) = 32),
    check ((actor = 'person') = (person_id is not null))
  )`,
  'create index audit_log_user on audit_log (user_id, id)',
  `create function refuse_audit_change() returns trigger language plpgsql as
    $$ begin raise exception 'the audit log is append-only'; end $$`,
  `create trigger audit_log_append_only before update or delete on audit_log
    for each row execute function refuse_audit_change()`,
];
