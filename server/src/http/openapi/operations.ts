/** Every operation of the merchant API in one table; document.ts prints it, and a test holds it against the routes. */
import type { z } from 'zod';
import { confirmedInvoiceAnswer, confirmInvoiceBody } from '../merchant-api/confirm-invoice.ts';
import { createdInvoiceAnswer, createInvoiceBody } from '../merchant-api/create-invoice.ts';
import { createdWidgetAnswer, createWidgetBody } from '../merchant-api/create-widget.ts';
import { foundInvoicesAnswer, searchQuery } from '../merchant-api/search-invoices.ts';
import { viewedInvoiceAnswer } from '../merchant-api/view-invoice.ts';
import { viewedUserAnswer } from '../merchant-api/view-user.ts';
import { currencyRatesAnswer, currencyStatusAnswer } from './currency-answers.ts';
import * as examples from './examples.ts';

type Named = { name: string; schema: z.ZodType; examples: examples.Example[] };

export type PathParameter = {
  name: string;
  description: string;
  type: 'integer' | 'string';
  example: string | number;
};

export type Operation = {
  method: 'get' | 'post' | 'put';
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  description: string;
  inPath?: PathParameter;
  query?: z.ZodType;
  body?: Named;
  /** What `data` of a successful answer is. */
  answer: Named;
  /** Beyond those that every operation may answer. */
  errors: readonly ErrorStatus[];
  /** The call of the published client for the first example. */
  sdkCall: string;
};

type ErrorStatus = 404 | 409 | 413 | 415;

const INVOICE_ID: PathParameter = {
  name: 'id',
  description: 'Id of the invoice.',
  type: 'integer',
  example: 12589,
};

const WRITES = [409, 413, 415] as const;

const INVOICES = 'Invoices';
const ACCOUNT = 'Account';
const CURRENCIES = 'Currencies';

export const tags = [
  { name: INVOICES, description: 'Payments that are awaited, and what became of them.' },
  { name: CURRENCIES, description: 'The currencies an order may be in, and their rates.' },
  { name: ACCOUNT, description: 'The account behind the keys.' },
];

export const operations: readonly Operation[] = [
  {
    method: 'post',
    path: '/invoice',
    operationId: 'createInvoice',
    tag: INVOICES,
    summary: 'Create an invoice',
    description:
      'You show the payer the wallet, the exact amount and the time limit yourself. Give `cryptocurrency` and `network` together, or neither for USDT on TRC-20.',
    body: { name: 'CreateInvoice', schema: createInvoiceBody, examples: examples.createInvoice },
    answer: { name: 'CreatedInvoice', schema: createdInvoiceAnswer, examples: examples.createdInvoice },
    errors: WRITES,
    sdkCall: "createInvoice({ amount: '125.50', client_reference_id: 'order-1042' })",
  },
  {
    method: 'post',
    path: '/invoice/widget',
    operationId: 'createWidget',
    tag: INVOICES,
    summary: 'Create an invoice with a payment page',
    description:
      'Send the payer to `widget_url`. A merchant in "USDT TRC-20 receive only" mode is told amount, coin, network and wallet as well; otherwise the payer chooses on the page.',
    body: { name: 'CreateWidget', schema: createWidgetBody, examples: examples.createWidget },
    answer: { name: 'CreatedWidget', schema: createdWidgetAnswer, examples: examples.createdWidget },
    errors: WRITES,
    sdkCall: "createWidget({ amount: '125.50', client_reference_id: 'order-1043' })",
  },
  {
    method: 'get',
    path: '/invoice/{id}',
    operationId: 'viewInvoice',
    tag: INVOICES,
    summary: 'View an invoice',
    description: 'One invoice of the merchant.',
    inPath: INVOICE_ID,
    answer: { name: 'Invoice', schema: viewedInvoiceAnswer, examples: examples.viewedInvoice },
    errors: [404],
    sdkCall: 'invoice(12589)',
  },
  {
    method: 'get',
    path: '/invoice',
    operationId: 'searchInvoices',
    tag: INVOICES,
    summary: 'Search invoices',
    description: 'The invoices a value leads to, newest first.',
    query: searchQuery,
    answer: { name: 'FoundInvoices', schema: foundInvoicesAnswer, examples: examples.foundInvoices },
    errors: [],
    sdkCall: "searchInvoices('order-1042')",
  },
  {
    method: 'put',
    path: '/invoice/confirm/{id}',
    operationId: 'confirmInvoice',
    tag: INVOICES,
    summary: 'Confirm a payment manually',
    description:
      'Says by which transaction an invoice was paid. The transaction is looked up on the blockchain; one that failed or pays something else is refused. The same transaction again changes nothing.',
    inPath: INVOICE_ID,
    body: { name: 'ConfirmInvoice', schema: confirmInvoiceBody, examples: examples.confirmInvoice },
    answer: { name: 'ConfirmedInvoice', schema: confirmedInvoiceAnswer, examples: examples.confirmedInvoice },
    errors: [404, ...WRITES],
    sdkCall: `confirmInvoice(12589, '${examples.webhookData.paid.transaction_id}')`,
  },
  {
    method: 'get',
    path: '/user',
    operationId: 'viewUser',
    tag: ACCOUNT,
    summary: 'View the user',
    description: 'The user the merchant belongs to, and the balance commissions are taken from.',
    answer: { name: 'User', schema: viewedUserAnswer, examples: examples.viewedUser },
    errors: [404],
    sdkCall: 'user()',
  },
  {
    method: 'get',
    path: '/currency-rate',
    operationId: 'listCurrencyRates',
    tag: CURRENCIES,
    summary: 'List currencies and rates',
    description: 'Every currency an order may be in.',
    answer: { name: 'CurrencyRates', schema: currencyRatesAnswer, examples: examples.currencyRates },
    errors: [],
    sdkCall: 'currencyRates()',
  },
  {
    method: 'get',
    path: '/currency-rate/{code}/status',
    operationId: 'viewCurrencyStatus',
    tag: CURRENCIES,
    summary: 'Check a currency',
    description: 'Whether an order may be in a currency now.',
    inPath: {
      name: 'code',
      description: 'ISO 4217 code of the currency.',
      type: 'string',
      example: 'EUR',
    },
    answer: { name: 'CurrencyStatus', schema: currencyStatusAnswer, examples: examples.currencyStatus },
    errors: [],
    sdkCall: "currencyStatus('EUR')",
  },
];
