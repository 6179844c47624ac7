/** A state for every screen, as the tests use them. */
import type { Due, Language, PageState, Screen } from '../src/page-state.ts';

export const address = 'TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf';
export const transactionId = '5c1f0b2a9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a';

export const due: Due = {
  asset: 'USDT',
  network: 'TRC-20',
  amount: '15.053',
  tail: 2,
  address,
  qr: { text: address, holds: 'address' },
};
const longDue: Due = {
  asset: 'USDC',
  network: 'AVALANCHE',
  amount: '12345.67891234',
  tail: 4,
  address: '0x52908400098527886E0F7030069857D2E4169EE7',
  qr: {
    text: 'ethereum:0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e@43114/transfer?address=0x52908400098527886E0F7030069857D2E4169EE7&uint256=12345678912',
    holds: 'payment',
  },
};

export const screens: Record<string, Screen> = {
  choose: {
    kind: 'choose',
    methods: [
      { asset: 'USDT', network: 'TRC-20' },
      { asset: 'USDT', network: 'BEP-20' },
      { asset: 'USDC', network: 'ERC-20' },
      { asset: 'USDC', network: 'BASE' },
      { asset: 'USDT', network: 'ARBITRUM' },
    ],
  },
  chooseOne: { kind: 'choose', methods: [{ asset: 'USDT', network: 'TRC-20' }] },
  chooseNone: { kind: 'choose', methods: [] },
  awaiting: { kind: 'awaiting', due, others: [] },
  awaitingLong: { kind: 'awaiting', due: longDue, others: [] },
  awaitingOthers: {
    kind: 'awaiting',
    due,
    others: [
      { asset: 'USDT', network: 'BEP-20' },
      { asset: 'USDC', network: 'ERC-20' },
    ],
  },
  underpaid: {
    kind: 'underpaid',
    due: { ...due, amount: '5.047' },
    received: { amount: '10.01', asset: 'USDT', parts: [{ amount: '10.01', transactionId }] },
  },
  underpaidTwice: {
    kind: 'underpaid',
    due: { ...longDue, amount: '345.67900122' },
    received: {
      amount: '12000.00',
      asset: 'USDC',
      parts: [
        { amount: '7000.00', transactionId: `0x${transactionId}` },
        { amount: '5000.00', transactionId: `0x${transactionId}` },
      ],
    },
  },
  review: {
    kind: 'review',
    received: { amount: '10.01', asset: 'USDT', parts: [{ amount: '10.01', transactionId }] },
  },
  confirming: { kind: 'confirming', due, transactionId, confirmations: 7, needed: 20 },
  confirmingUncounted: { kind: 'confirming', due, transactionId, confirmations: 0, needed: null },
  paid: { kind: 'paid', due, transactionId },
  paidMore: { kind: 'paid', due, transactionId, more: 'over' },
  paidAgain: { kind: 'paid', due, transactionId, more: 'again' },
  paidReturned: { kind: 'paid', due, transactionId, more: 'again', refund: { transactionId } },
  paidByHand: { kind: 'paid', due: null, transactionId: null },
  checking: { kind: 'checking', due },
  paused: {
    kind: 'paused',
    method: { asset: 'USDT', network: 'TRC-20' },
    isRetired: false,
    others: [{ asset: 'USDT', network: 'BEP-20' }],
  },
  pausedRetired: {
    kind: 'paused',
    method: { asset: 'USDT', network: 'TRC-20' },
    isRetired: true,
    others: [],
  },
  expired: { kind: 'expired', late: null },
  expiredUnread: { kind: 'expired', late: null, isUnread: true },
  expiredLate: { kind: 'expired', late: { transactionId } },
  expiredRejected: { kind: 'expired', late: { transactionId, isRejected: true } },
  expiredReturned: { kind: 'expired', late: { transactionId, refund: { transactionId } } },
  cancelled: { kind: 'cancelled', late: null },
  cancelledLate: { kind: 'cancelled', late: { transactionId } },
  cancelledReturned: { kind: 'cancelled', late: { transactionId, refund: { transactionId: null } } },
};

export const now = Date.UTC(2026, 10, 22, 14, 9);

export function stateOf(
  screen: Screen,
  language: Language = 'en-US',
  more: Partial<PageState> = {},
): PageState {
  return {
    pageId: '0b9c1f6e-6a9b-4a8e-9b1e-0d5d5d0c8f11',
    language,
    merchant: { name: 'Nordlicht Coffee', url: 'https://nordlicht.example/', logo: null },
    parents: [],
    description: 'Order 4711: two bags of Yirgacheffe, ground',
    price: { amount: '14.30', currency: 'EUR' },
    screen,
    createdAt: now - 7 * 60_000,
    expireAt: now + 23 * 60_000,
    now,
    canCancel: screen.kind === 'choose' || screen.kind === 'awaiting' || screen.kind === 'paused',
    back: { url: 'https://nordlicht.example/thanks', automatic: true },
    cancel: { url: 'https://nordlicht.example/basket', automatic: false },
    ...more,
  };
}
