/** Requests that a person asked for, as TypeScript sees them; docs/schema.md says what each column means. */
import type { ColumnType, Generated } from 'kysely';
import type { Time } from './column.ts';

/** null until it has happened. */
type Later<T, Written = T> = ColumnType<T | null, Written | null | undefined, Written | null>;

export type ResendState = 'open' | 'answered' | 'superseded' | 'no_endpoint';

export type ResendSchema = {
  resends: {
    id: Generated<number>;
    outbox_id: number;
    invoice_id: number;
    merchant_id: number;
    asked_at: Time;
    asked_by: number | null;
    retry_count: number;
    state: ResendState;
    lease: Later<string>;
    leased_until: Later<number, Date>;
    url: Later<string>;
    started_at: Later<number, Date>;
    ended_at: Later<number, Date>;
    status: Later<number>;
    request_headers: Later<string>;
    headers: Later<string>;
    body: Later<string>;
    error: Later<string>;
  };
};
