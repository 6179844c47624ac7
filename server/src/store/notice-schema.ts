/** The tables of notices as TypeScript sees them; docs/schema.md says what each column means. */
import type { ColumnType, Generated } from 'kysely';
import type { NoticeChannel, NoticeKind } from '../domain/notice.ts';
import type { NullableTime, Time } from './column.ts';

/** What the installation says of the ways people are told by. */
export type NoticeColumns = {
  notice_channels: ColumnType<NoticeChannel[], NoticeChannel[] | undefined, NoticeChannel[]>;
  telegram_bot: ColumnType<string | null, string | null | undefined, string | null>;
};

export type NoticeSchema = {
  notice_channels: {
    person_id: number;
    channel: NoticeChannel;
    chat_id: ColumnType<string | null, string | null | undefined, string | null>;
    chat_name: ColumnType<string | null, string | null | undefined, string | null>;
    attempts: Generated<number>;
    due_at: Time;
    lease: ColumnType<string | null, string | null | undefined, string | null>;
    leased_until: NullableTime;
  };
  notice_choices: { person_id: number; channel: NoticeChannel; kind: NoticeKind; wanted: boolean };
  notices: {
    id: Generated<number>;
    person_id: number;
    channel: NoticeChannel;
    kind: NoticeKind;
    user_id: number | null;
    subject: string;
    created_at: Time;
    sent_at: NullableTime;
  };
  alarms: { kind: Extract<NoticeKind, 'chain_lag' | 'balance_low'>; subject: string; since: Time };
  telegram_codes: { code_hash: Buffer; person_id: number; expires_at: Time };
  email_changes: {
    person_id: number;
    email: string;
    session_id: number;
    token_hash: ColumnType<Buffer | null, Buffer | null | undefined, Buffer | null>;
    expires_at: Time;
  };
};
