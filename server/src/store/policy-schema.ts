/** What payment policies add to the tables, as TypeScript sees it; docs/schema.md says what each column means. */
import type { ColumnType } from 'kysely';
import type { PaymentKind } from '../domain/exception.ts';
import type { OptInType } from '../domain/invoice.ts';
import type { Policy } from '../domain/policy.ts';

/** A column that has a default, or is written later. */
type Later<T, Written = T> = ColumnType<T, Written | undefined, Written>;

export type MerchantPolicy = {
  late_policy: Later<Policy['late']>;
  late_drift: Later<string>;
  underpaid_tolerance: Later<string>;
  overpaid_tolerance: Later<string>;
  remainder: Later<boolean>;
  opt_in_events: Later<OptInType[]>;
};

export type InvoicePolicy = { exception_resolved_at: Later<number | null, Date | null> };

export type PaymentPolicy = { kind: Later<PaymentKind> };

export const resolutions = ['refunded', 'dismissed'] as const;
export type Resolution = (typeof resolutions)[number];

export type TransferPolicy = {
  resolution: Later<Resolution | null>;
  resolved_at: Later<number | null, Date | null>;
  resolved_by: Later<string | null>;
  refund_tx_id: Later<string | null>;
  resolution_memo: Later<string | null>;
};
