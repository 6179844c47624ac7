/** The tables of payment links as TypeScript sees them; docs/schema.md says what each column means. */
import type { ColumnType } from 'kysely';
import type { NullableTime, Time } from './column.ts';

export type PaymentLinkSchema = {
  payment_links: {
    id: string;
    merchant_id: number;
    amount: ColumnType<string, string, never>;
    currency: string;
    description: string;
    back_url: string | null;
    cancel_url: string | null;
    max_uses: number | null;
    expires_at: NullableTime;
    active: boolean;
    created_at: Time;
  };
  payment_link_uses: { link_id: string; token: string; invoice_id: number; created_at: Time };
};
