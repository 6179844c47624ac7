/** The tables as TypeScript sees them; docs/schema.md says what each column means. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { Exception } from '../domain/exception.ts';
import type { EventType, OptInType, Status } from '../domain/invoice.ts';
import type { PageLanguage } from '../domain/page-language.ts';
import type { ImageType } from '../lib/image/image.ts';
import type { NullableTime, Time } from './column.ts';
import type { InvoiceTerms, LedgerSchema } from './ledger-schema.ts';
import type { NoticeColumns, NoticeSchema } from './notice-schema.ts';
import type { PaymentLinkSchema } from './payment-link-schema.ts';
import type { PeopleSchema, SetUpColumns } from './people-schema.ts';
import type { InvoicePolicy, MerchantPolicy, PaymentPolicy, TransferPolicy } from './policy-schema.ts';
import type { ResendSchema } from './resend-schema.ts';

/** numeric: read as its exact text, written as text or bigint. */
type Numeric = ColumnType<string, string | bigint, string | bigint>;
type NullableNumeric = ColumnType<string | null, string | bigint | null, string | bigint | null>;

export type Schema = Tables & LedgerSchema & NoticeSchema & PaymentLinkSchema & PeopleSchema & ResendSchema;

type Tables = {
  installation: {
    id: number;
    canary: Buffer;
    created_at: Time;
    top_up_merchant_id: ColumnType<number | null, number | null | undefined>;
  } & SetUpColumns &
    NoticeColumns;
  users: {
    id: Generated<number>;
    email: string;
    password_hash: string | null;
    status: 'Active' | 'Blocked';
    created_at: Time;
    commission_percent: ColumnType<string | null, string | null | undefined, string | null>;
  };
  merchants: {
    id: Generated<number>;
    user_id: number;
    name: string;
    url: string;
    webhook_url: string | null;
    auth: 'signature' | 'private-key';
    payment_minutes: number;
    compat: boolean;
    private_key_header: boolean;
    webhook_secret: Buffer;
    signature_v2: ColumnType<'off' | 'on' | 'required', 'off' | 'on' | 'required' | undefined>;
    verified_only: ColumnType<boolean, boolean | undefined>;
    created_at: Time;
    page_origins: ColumnType<string[], string[] | undefined>;
    return_hosts: ColumnType<string[] | null, string[] | null | undefined>;
    language: ColumnType<PageLanguage | null, PageLanguage | null | undefined>;
  } & MerchantPolicy;
  merchant_logos: {
    merchant_id: number;
    hash: string;
    type: ImageType;
    width: number;
    height: number;
    bytes: Buffer;
    created_at: Time;
  };
  merchant_keys: {
    public_key: string;
    merchant_id: number;
    private_key: Buffer;
    created_at: Time;
    expires_at: ColumnType<number | null, Date | null | undefined, Date | null>;
    last_used_at: ColumnType<number | null, Date | null | undefined, Date | null>;
  };
  idempotency_keys: {
    merchant_id: number;
    method: string;
    path: string;
    key: string;
    body_hash: Buffer;
    status: number | null;
    content_type: string | null;
    body: string | null;
    created_at: Time;
  };
  nonces: { merchant_id: number; nonce: string; seen_at: Time };
  rate_readings: { source: string; currency: string; per_usd: Numeric; observed_at: Time; fetched_at: Time };
  currencies: { currency: string; enabled: boolean; pinned_rate: NullableNumeric; spread: Numeric };
  wallets: {
    id: Generated<number>;
    merchant_id: number;
    network: NetworkCode;
    asset: AssetCode;
    address: string;
    address_key: string;
    digits: number;
    max_tail: number;
    commission_payer: 'payer' | 'merchant';
    hold_seconds: number;
    active: boolean;
    mac: Buffer;
    created_at: Time;
    qr: ColumnType<'address' | 'uri', 'address' | 'uri' | undefined>;
    active_from: ColumnType<number | null, Date | null | undefined, Date | null>;
  };
  watch_sets: { network: NetworkCode; version: number };
  cursors: {
    network: NetworkCode;
    epoch: number;
    genesis: string;
    height: number;
    hash: string;
    block_time: Time;
    final_height: number;
    tip_height: number;
    caught_up_at: Time;
    version: number;
    rechecked_height: ColumnType<number | null, number | null | undefined, number | null>;
    rechecked_at: ColumnType<number | null, Date | null | undefined, Date | null>;
    found_late: ColumnType<number, number | undefined>;
    retired_at: ColumnType<number | null, Date | null | undefined, Date | null>;
  };
  providers: {
    network: NetworkCode;
    provider: string;
    state: 'ok' | 'degraded' | 'quarantined';
    reason: string | null;
    since: Time;
    until: NullableTime;
    strikes: number;
    head: number | null;
    latency_ms: number | null;
    errors_percent: number;
    seen_at: Time;
  };
  balance_checks: {
    network: NetworkCode;
    address_key: string;
    epoch: number;
    height: number;
    units: Numeric;
    checked_at: Time;
    seen_height: number | null;
    seen_units: NullableNumeric;
    unexplained: Numeric;
    unexplained_at: NullableTime;
  };
  blocks: { network: NetworkCode; height: number; hash: string; block_time: Time };
  invoices: {
    id: Generated<number>;
    merchant_id: number;
    client_reference_id: string;
    metadata: string | null;
    compat: boolean;
    requested_amount: Numeric;
    commission: Numeric;
    source_currency: string | null;
    source_amount: NullableNumeric;
    network: NetworkCode | null;
    asset: AssetCode | null;
    wallet_id: number | null;
    address: string | null;
    address_key: string | null;
    final_units: NullableNumeric;
    final_decimals: number | null;
    status: Status;
    transaction_id: string | null;
    payer_wallet: string | null;
    paid_at: NullableTime;
    exception: Exception | null;
    page_id: string | null;
    widget_description: string | null;
    back_url: string | null;
    cancel_url: string | null;
    lang: string | null;
    rate: NullableNumeric;
    rate_origin: string | null;
    created_at: Time;
    expire_at: Time;
    ended_at: NullableTime;
    version: number;
    method_at: NullableTime;
    coin_rate: NullableNumeric;
    coin_rate_origin: string | null;
    metadata_start: GeneratedAlways<string | null>;
  } & InvoiceTerms &
    InvoicePolicy;
  replaced_methods: {
    invoice_id: number;
    network: NetworkCode;
    asset: AssetCode;
    wallet_id: number;
    address: string;
    address_key: string;
    final_units: Numeric;
    final_decimals: number;
    commission: Numeric;
    method_at: Time;
    replaced_at: Time;
    coin_rate: NullableNumeric;
    coin_rate_origin: string | null;
  };
  remainders: {
    invoice_id: number;
    network: NetworkCode;
    asset: AssetCode;
    wallet_id: number;
    address_key: string;
    received: Numeric;
    units: Numeric;
    asked_at: Time;
  };
  reservations: {
    network: NetworkCode;
    address_key: string;
    asset: AssetCode;
    units: Numeric;
    invoice_id: number;
    held_until: NullableTime;
  };
  transfers: {
    id: Generated<number>;
    network: NetworkCode;
    epoch: number;
    tx_id: string;
    asset: AssetCode;
    from_key: string;
    to_key: string;
    units: Numeric;
    ordinal: number;
    height: number | null;
    block_hash: string | null;
    block_time: NullableTime;
    state: 'pending' | 'matched' | 'unmatched' | 'ignored';
    reason: string | null;
    invoice_id: number | null;
    detected_at: Time;
  } & TransferPolicy;
  payments: {
    id: Generated<number>;
    transfer_id: number;
    invoice_id: number;
    state: 'pending' | 'settled' | 'released';
    created_at: Time;
    settled_at: NullableTime;
    agreed_at: ColumnType<number | null, Date | null | undefined, Date | null>;
  } & PaymentPolicy;
  outbox: {
    id: Generated<number>;
    invoice_id: number;
    merchant_id: number;
    type: EventType | OptInType;
    webhook_id: string;
    data: string;
    created_at: Time;
  };
  deliveries: {
    id: Generated<number>;
    outbox_id: number;
    invoice_id: number;
    merchant_id: number;
    state: 'open' | 'delivered' | 'exhausted' | 'superseded' | 'no_endpoint';
    attempts: number;
    due_at: Time;
    lease: string | null;
    leased_until: NullableTime;
    ended_at: NullableTime;
  };
  attempts: {
    delivery_id: number;
    number: number;
    url: string;
    started_at: Time;
    ended_at: Time;
    status: number | null;
    request_headers: ColumnType<string | null, string | null | undefined>;
    headers: string | null;
    body: string | null;
    error: string | null;
  };
};
