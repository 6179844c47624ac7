/** What people can be told of without looking: kinds, ways, who may hear of each, and who does unless they say otherwise. */
import { mayDo, type Permission, type Role, roles } from './role.ts';

export const noticeKinds = [
  'paid',
  'unmatched',
  'webhook_exhausted',
  'wallet_changed',
  'chain_lag',
  'balance_low',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const noticeChannels = ['email', 'telegram'] as const;
export type NoticeChannel = (typeof noticeChannels)[number];

const permissionOf: Record<NoticeKind, Permission> = {
  paid: 'invoices.read',
  unmatched: 'invoices.read',
  webhook_exhausted: 'webhooks.read',
  wallet_changed: 'wallets.read',
  chain_lag: 'wallets.read',
  balance_low: 'balance.read',
};

export function mayHear(role: Role, kind: NoticeKind): boolean {
  return mayDo(role, permissionOf[kind]);
}

export const hearersOf = (kind: NoticeKind): Role[] => roles.filter(role => mayHear(role, kind));

/** Who hears of it without having chosen: those who answer for the account. A shop is told of every payment by its webhooks. */
export function isToldByDefault(role: Role, kind: NoticeKind): boolean {
  return kind !== 'paid' && (role === 'owner' || role === 'admin') && mayHear(role, kind);
}

export const toldByDefault = (kind: NoticeKind): Role[] => roles.filter(role => isToldByDefault(role, kind));

/**
 * Where payments go is told by e-mail to everybody who may change it, whatever they have chosen: a thief at their keyboard
 * would choose silence first.
 */
export function isBound(role: Role, kind: NoticeKind, channel: NoticeChannel): boolean {
  return kind === 'wallet_changed' && channel === 'email' && mayDo(role, 'wallets.edit');
}

/** Whoever runs the installation hears of its networks without being in any team. */
export const toOperators = (kind: NoticeKind): boolean => kind === 'chain_lag';

/** The least time between two messages to one person by one channel; what happens meanwhile is told together. In ms. */
export const NOTICE_INTERVAL = 5 * 60_000;

/** How long a notice may wait for a channel that does not work before it is of no use. In ms. */
export const NOTICE_LIFETIME = 24 * 3_600_000;

/** How far behind a network may be before people are told: long before new invoices on it are refused. In ms. */
export const TELL_LAG = 10 * 60_000;

/** How long a code that links a Telegram chat is good. In ms. */
export const TELEGRAM_CODE_LIFETIME = 15 * 60_000;

/** What a notice of unmatched money is about where that is a whole invoice: one that ended with parts, or unseen. */
export const invoiceSubject = (id: number): string => `invoice ${id}`;

/** The invoice of such a subject; null where it is a transfer's number. */
export function subjectInvoice(subject: string): number | null {
  const [, id] = /^invoice (\d+)$/.exec(subject) ?? [];
  return id === undefined ? null : Number(id);
}
