/**
 * The named points at which something is killed: between which two statements, before which commit, after which commit and
 * before its answer. They are found in what passes on the wire, so that the program knows nothing of them.
 */
import type { Statement, Trap } from './wire-relay.ts';

/** `told`: not at a statement but at a webhook: when the shop has it and has not answered, or has just answered. */
export type Point = { name: string; trap: Trap } | { name: string; told: 'asked' | 'answered' };

const isWriting = (sql: string, what: string) =>
  sql
    .replace(/["\s]+/g, ' ')
    .trim()
    .includes(what);
const wrote = ({ before }: Statement, ...what: string[]) =>
  what.every(one => before.some(sql => isWriting(sql, one)));

/** Before a statement, of a transaction that has written something before it. */
const at =
  (what: string, ...written: string[]): Trap =>
  statement =>
    isWriting(statement.sql, what) && wrote(statement, ...written) ? 'before' : null;

/** Around the commit of a transaction that has written these. */
const commitOf = (name: string, ...written: string[]): Point[] => [
  { name: `${name} before its commit`, trap: held('before', written) },
  { name: `${name} committed and not answered`, trap: held('after', written) },
];

const held =
  (when: 'before' | 'after', written: string[]): Trap =>
  statement =>
    statement.isCommit && wrote(statement, ...written) ? when : null;

const EXPIRED = 'from invoices i left join cursors c';

export const points: readonly Point[] = [
  { name: 'create: key claimed, nothing reserved', trap: at('insert into reservations') },
  {
    name: 'create: amount reserved, no invoice',
    trap: at('insert into invoices', 'insert into reservations'),
  },
  {
    name: 'create: invoice made, answer not kept',
    trap: at('update idempotency_keys', 'insert into invoices'),
  },
  ...commitOf('create:', 'insert into invoices'),
  { name: 'watch: blocks read, cursor not moved', trap: at('update cursors set epoch') },
  {
    name: 'watch: cursor moved, no transfers',
    trap: at('insert into transfers', 'update cursors set epoch'),
  },
  ...commitOf('watch:', 'insert into transfers'),
  { name: 'match: invoice changed, no payment', trap: at('insert into payments', 'update invoices i set') },
  ...commitOf('match:', 'insert into payments'),
  { name: 'settle: invoice paid, no event', trap: at('insert into outbox', 'update payments p set state') },
  ...commitOf('settle:', 'update payments p set state', 'insert into outbox'),
  { name: 'expire: invoice ended, no event', trap: at('insert into outbox', EXPIRED) },
  ...commitOf('expire:', EXPIRED, 'insert into outbox'),
  { name: 'dispatch: claimed, not sent', trap: at('select distinct on (m.id) m.id, m.webhook_secret') },
  { name: 'dispatch: sent, not recorded', trap: at('insert into attempts') },
  ...commitOf('dispatch: record', 'insert into attempts'),
  { name: 'dispatch: the shop has it and has not answered', told: 'asked' },
  { name: 'dispatch: the shop has just answered 200', told: 'answered' },
];
