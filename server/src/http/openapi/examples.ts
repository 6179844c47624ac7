/** One shop's payments, as the examples of the description show them. Values are written as they go over the wire. */
import { ExactNumber, type WireValue } from '../wire.ts';

export type Example = {
  summary: string;
  value: { readonly [field: string]: WireValue } | readonly WireValue[];
};

const WALLET = 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir';
const PAYER = 'TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC';
const TRANSACTION = '6b9a3c1f5be0a94a2bd0cf3c2a8f6be8b2f8d6a9a1cb1b1c8f7d6e5c4b3a2918';
const ORDER = { client_reference_id: 'order-1042', metadata: 'basket 7781' };
const WIDGET_URL = 'https://pay.example.com/payment/69908b3b-ac70-4652-9ca2-877e348a2dbe';

export const createInvoice: Example[] = [
  { summary: 'Only what is needed', value: { amount: '125.50', client_reference_id: 'order-1042' } },
  {
    summary: 'In euro, paid in USDT on Ethereum',
    value: { amount: '45.749', currency: 'EUR', cryptocurrency: 'USDT', network: 'ERC-20', ...ORDER },
  },
];

export const createdInvoice: Example[] = [
  {
    summary: 'Created',
    value: {
      id: '12589',
      final_amount: '125.69',
      cryptocurrency: 'USDT',
      network: 'TRC-20',
      wallet: WALLET,
      expire_at: '1677422490',
    },
  },
];

/** Another order: both creates can be tried as they are. */
export const createWidget: Example[] = [
  { summary: 'Only what is needed', value: { amount: '125.50', client_reference_id: 'order-1043' } },
  {
    summary: 'With a way back',
    value: {
      amount: '125.50',
      widget_description: 'Order 1043',
      back_url: 'https://shop.example/order/1043',
      cancel_url: 'https://shop.example/basket',
      lang: 'en-US',
      client_reference_id: 'order-1043',
      metadata: 'basket 7782',
    },
  },
];

export const createdWidget: Example[] = [
  {
    summary: 'The payer chooses coin and network',
    value: { id: '523654', expire_at: '1677422490', widget_url: WIDGET_URL },
  },
  {
    summary: '"USDT TRC-20 receive only"',
    value: {
      id: '523654',
      final_amount: '133.23',
      cryptocurrency: 'USDT',
      network: 'TRC-20',
      wallet: WALLET,
      expire_at: '1677422490',
      widget_url: WIDGET_URL,
    },
  },
];

const awaited = {
  id: 12589,
  cryptocurrency: 'USDT',
  network: 'TRC-20',
  wallet: WALLET,
  payer_wallet: null,
  transaction_id: null,
  final_amount: new ExactNumber('125.69'),
  requested_amount: '125.50000000',
  status: 'new',
  ...ORDER,
  created_at: 1677420690,
  paid_at: null,
  expire_at: 1677422490,
};

const paid = {
  ...awaited,
  payer_wallet: PAYER,
  transaction_id: TRANSACTION,
  status: 'completed',
  paid_at: 1677421003,
};

export const viewedInvoice: Example[] = [
  { summary: 'Not paid yet', value: awaited },
  { summary: 'Paid', value: paid },
];

export const foundInvoices: Example[] = [
  { summary: 'Found', value: [paid] },
  { summary: 'Nothing found', value: [] },
];

export const confirmInvoice: Example[] = [
  { summary: 'The transaction', value: { transactionId: TRANSACTION } },
];

export const confirmedInvoice: Example[] = [
  {
    summary: 'Of an invoice in euro',
    value: {
      id: 124,
      wallet: WALLET,
      payer_wallet: PAYER,
      transaction_id: TRANSACTION,
      source_currency: 'EUR',
      source_amount: '45.74900000',
      final_amount: new ExactNumber('53.8053'),
      requested_amount: new ExactNumber('53.80526186'),
      status: 'paid_manually',
      client_reference_id: 'aic03vWcrY',
      metadata: null,
      created_at: 1751628388,
      paid_at: 1751890648,
      expire_at: 1751631088,
    },
  },
];

export const viewedUser: Example[] = [
  {
    summary: 'The user',
    value: { id: 2, status: 'Active', balance: new ExactNumber('85.00'), currency: 'USD' },
  },
];

export const currencyRates: Example[] = [
  {
    summary: 'Three of them',
    value: [
      { currency: 'BYN', rate: new ExactNumber('2.52334'), status: 'enabled' },
      { currency: 'EUR', rate: new ExactNumber('0.93574'), status: 'enabled' },
      { currency: 'GBP', rate: new ExactNumber('0.80534'), status: 'disabled' },
    ],
  },
];

export const currencyStatus: Example[] = [
  { summary: 'Can be used', value: { status: 'enabled', rate: new ExactNumber('0.93574') } },
  { summary: 'Not known', value: { status: 'not_supported', rate: null } },
];

/** What an opt-in event tells: of an invoice and of one transfer to it. */
const toldOfTransfer = {
  id: 12589,
  wallet: WALLET,
  cryptocurrency: 'USDT',
  network: 'TRC-20',
  payer_wallet: PAYER,
  transaction_id: TRANSACTION,
  received_amount: '125.69',
  final_amount: '125.69',
  requested_amount: '125.50000000',
  status: 'completed',
  ...ORDER,
  created_at: 1677420690,
  expire_at: 1677422490,
};

/** What every event tells; `paid` adds who paid and when. */
const told = {
  id: 12589,
  wallet: WALLET,
  cryptocurrency: 'USDT',
  network: 'TRC-20',
  final_amount: '125.69',
  requested_amount: '125.50000000',
  status: 'expired',
  ...ORDER,
  created_at: 1677420690,
  expire_at: 1677422490,
};

export const webhookData = {
  paid: {
    id: 12589,
    wallet: WALLET,
    cryptocurrency: 'USDT',
    network: 'TRC-20',
    payer_wallet: PAYER,
    transaction_id: TRANSACTION,
    final_amount: '125.69',
    requested_amount: '125.50000000',
    status: 'completed',
    ...ORDER,
    created_at: 1677420690,
    paid_at: 1677421003,
    expire_at: 1677422490,
  },
  expired: told,
  paid_manually: { ...told, status: 'paid_manually' },
  // In "USDT TRC-20 receive only" mode coin and network are not told.
  cancelled: { ...told, cryptocurrency: null, network: null, status: 'cancelled' },
  detected: { ...toldOfTransfer, status: 'new' },
  underpaid: { ...toldOfTransfer, received_amount: '125.60' },
  overpaid: { ...toldOfTransfer, received_amount: '126.00' },
  late: { ...toldOfTransfer, status: 'expired' },
  duplicate: toldOfTransfer,
  reversed: toldOfTransfer,
} satisfies Record<string, WireValue>;
