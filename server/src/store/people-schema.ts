/** The tables of people and their sign-in as TypeScript sees them; docs/schema.md says what each column means. */
import type { ColumnType, Generated } from 'kysely';
import type { Role } from '../domain/role.ts';
import type { Language } from '../lib/language.ts';
import type { Time } from './column.ts';

/** null where it is left out. */
type Optional<T, Written = T> = ColumnType<T | null, Written | null | undefined, Written | null>;

/** What the set-up link adds to the one row of the installation. */
export type SetUpColumns = {
  set_up_hash: Optional<Buffer>;
  set_up_expires_at: Optional<number, Date>;
  set_up_user_id: Optional<number>;
};

export type MailKind =
  | 'password_reset'
  | 'registration'
  | 'invitation'
  | 'email_change'
  | 'email_asked'
  | 'email_changed';
type Actor = 'person' | 'command_line' | 'program';

export type PeopleSchema = {
  people: {
    id: Generated<number>;
    email: string;
    name: string;
    password_hash: string;
    language: Language;
    is_operator: boolean;
    handle: Buffer;
    created_at: Time;
  };
  memberships: { person_id: number; user_id: number; role: Role; created_at: Time };
  totp: {
    person_id: number;
    secret: Buffer;
    confirmed_at: Optional<number, Date>;
    last_step: Optional<number>;
    created_at: Time;
  };
  recovery_codes: { person_id: number; code_hash: Buffer; used_at: Optional<number, Date> };
  passkeys: {
    id: Generated<number>;
    person_id: number;
    credential_id: string;
    public_key: Buffer;
    counter: number;
    transports: string[];
    name: string;
    created_at: Time;
    last_used_at: Optional<number, Date>;
  };
  passkey_challenges: { challenge: string; session_id: number | null; expires_at: Time };
  sessions: {
    id: Generated<number>;
    token_hash: Buffer;
    person_id: number;
    stage: 'second_factor' | 'full';
    address: string;
    user_agent: string;
    created_at: Time;
    seen_at: Time;
    proved_at: Time;
    expires_at: Time;
  };
  known_devices: { token_hash: Buffer; person_id: number; seen_at: Time };
  tries: { bucket: Buffer; count: number; last_at: Time };
  invitations: {
    id: Generated<number>;
    token_hash: Optional<Buffer>;
    email: string;
    user_id: number | null;
    role: Role;
    invited_by: number | null;
    created_at: Time;
    expires_at: Time;
  };
  password_resets: { token_hash: Buffer; person_id: number; expires_at: Time };
  mails: {
    id: Generated<number>;
    kind: MailKind;
    email: string;
    language: Language;
    invitation_id: Optional<number>;
    about: Optional<string>;
    created_at: Time;
    attempts: number;
    due_at: Time;
    lease: Optional<string>;
    leased_until: Optional<number, Date>;
  };
  audit_log: {
    id: number;
    at: Time;
    actor: Actor;
    person_id: number | null;
    user_id: number | null;
    action: string;
    target: string;
    before: string | null;
    after: string | null;
    address: string | null;
    hash: Buffer;
  };
};
