/** Bugs in whose payment a transfer is, which amounts are held, and in the books. */
import type { Mutant } from './mutants.ts';

const match = 'server/src/domain/match.ts';
const policy = 'server/src/domain/policy.ts';
const reservations = 'server/src/store/reservations.ts';
const invoices = 'server/src/store/invoices.ts';
const claim = 'server/src/store/claim-transfer.ts';
const ledger = 'server/src/domain/ledger.ts';

export const moneyMutants: readonly Mutant[] = [
  {
    name: 'deadline by ≥',
    breaks: 'a payment in the very last moment of the grace is late',
    focus: 'late',
    patches: [
      {
        file: match,
        find: "return time > payableUntil(invoice) ? 'after'",
        replace: "return time >= payableUntil(invoice) ? 'after'",
      },
    ],
  },
  {
    name: 'no grace at expiry',
    breaks: 'an invoice expires at its deadline and not after its grace',
    patches: [
      {
        file: invoices,
        find: 'i.expire_at < ${new Date(now - GRACE)}',
        replace: 'i.expire_at < ${new Date(now)}',
      },
    ],
  },
  {
    name: 'expired blindly',
    breaks: 'an invoice expires although its chain was not read past the deadline',
    patches: [
      {
        file: invoices,
        find: 'or c.block_time > i.expire_at + ${`${GRACE} milliseconds`}::interval)',
        replace: 'or true)',
      },
    ],
  },
  {
    name: 'replaced chains are not waited for',
    breaks: 'an invoice expires although a chain it was asked on before was not read past the deadline',
    focus: 'silence',
    patches: [
      {
        file: invoices,
        find: 'where m.invoice_id = i.id and o.retired_at is null\n',
        replace: 'where false and m.invoice_id = i.id and o.retired_at is null\n',
      },
    ],
  },
  {
    name: 'held anew',
    breaks: 'whatever is paid of an ended invoice holds its amounts for the whole time again',
    focus: 'late',
    patches: [
      {
        file: 'server/src/store/save-invoices.ts',
        find: 'after.endedAt !== null && after.endedAt !== before.endedAt',
        replace: 'after.endedAt !== null && before.endedAt !== undefined',
      },
    ],
  },
  {
    name: 'released at the end',
    breaks: 'an amount is free as soon as its invoice has ended',
    patches: [
      {
        file: 'server/src/store/save-invoices.ts',
        find: '::timestamptz + make_interval(secs => w.hold_seconds)',
        replace: '::timestamptz + make_interval(secs => 0 * w.hold_seconds)',
      },
    ],
  },
  {
    name: 'taken over while held',
    breaks: 'an invoice takes an amount that another one still asks for',
    patches: [
      {
        file: reservations,
        find: 'where reservations.held_until < ${lapsed(now)}\n',
        replace: 'where coalesce(reservations.held_until, ${lapsed(now)}) <= ${lapsed(now)}\n',
      },
      {
        file: reservations,
        find: 'and (r.held_until is null or r.held_until >= ${lapsed(now)})',
        replace: 'and r.held_until >= ${lapsed(now)}',
      },
    ],
  },
  {
    name: 'first come again',
    breaks: 'a second transfer of an amount counts as well',
    patches: [
      {
        file: match,
        find: 'if (holder.hasPayment || isPaid(holder.invoice)) {',
        replace: 'if (isPaid(holder.invoice)) {',
      },
    ],
  },
  {
    name: 'from before',
    breaks: 'a transfer from before its invoice counts for it',
    patches: [
      {
        file: match,
        find: "if (timing === 'before' || transfer.detectedAt < heldSince(held)) {",
        replace: "if (timing === 'before' && transfer.detectedAt < 0) {",
      },
    ],
  },
  {
    name: 'whatever the rate',
    breaks: 'a late payment is accepted however far the rate has moved',
    focus: 'late',
    patches: [
      {
        file: policy,
        find: '  if (!rate) return false;\n',
        replace: '  if (!rate || rate) return true;\n',
      },
    ],
  },
  {
    name: 'late is late',
    breaks: 'a late payment that the shop accepts is left to a person',
    focus: 'late',
    patches: [{ file: policy, find: 'if (!frozen) return true;', replace: 'if (!frozen) return false;' }],
  },
  {
    name: 'nearest wins',
    breaks: 'an amount between two that are held counts for the nearer one',
    patches: [
      {
        file: policy,
        find: '2n * apart(units, one.units) < apart(one.units, other.units)',
        replace: 'apart(units, one.units) < apart(units, other.units)',
      },
    ],
  },
  {
    name: 'tolerant without end',
    breaks: 'a payment counts however much is missing',
    patches: [
      {
        file: policy,
        find: 'was === null ? compare(difference, tolerated) <= 0 : !isPartKind(was)',
        replace: 'was === null || !isPartKind(was); void tolerated; void difference',
      },
    ],
  },
  {
    name: 'out of place',
    breaks: 'what was accepted once is judged anew after a fork, among amounts that were asked for since',
    focus: 'forks',
    patches: [
      {
        file: 'server/src/store/part-payments.ts',
        find: "and kind in ('part', 'late_part', 'under', 'over')`",
        replace: "and kind in ('part', 'late_part')`",
      },
    ],
  },
  {
    name: 'between two accounts',
    breaks: 'a tolerance of one account counts at an address that another one has, too',
    patches: [
      {
        file: 'server/src/store/policies.ts',
        find: 'w.address_key = a.address_key) < 2',
        replace: 'w.address_key = a.address_key) < 3',
      },
    ],
  },
  {
    name: 'to oneself',
    breaks: 'a transfer from a wallet to itself pays an invoice',
    patches: [
      {
        file: match,
        find: "  if (transfer.from === transfer.to) return { kind: 'ignored', reason: 'self_transfer' };\n",
        replace: '',
      },
    ],
  },
  {
    name: 'believed for ever',
    breaks:
      'a transaction that an invoice was confirmed by unseen verifies it never, and is to be given back',
    focus: 'hands',
    patches: [
      {
        file: 'server/src/flow/known.ts',
        find: 'const named = await namedBy(tx, transfers);',
        replace: 'const named: (Naming | null)[] = transfers.map(() => null); void namedBy;',
      },
    ],
  },
  {
    name: 'named twice',
    breaks: 'a transfer that settled one invoice is given to another one by hand',
    focus: 'hands',
    patches: [
      {
        file: claim,
        find: "where p.state = 'released' or p.invoice_id = excluded.invoice_id",
        replace: 'where true',
      },
      {
        file: claim,
        find: 'return rows.length > 0;\n}\n\n/** Whether a transfer is',
        replace: 'return true;\n}\n\n/** Whether a transfer is',
      },
      {
        file: claim,
        find: "and status in ('confirming', 'completed', 'paid_manually') limit 1",
        replace: 'and false limit 1',
      },
    ],
  },
  {
    name: 'one reference, two invoices',
    breaks: 'a create that is sent again makes another invoice',
    patches: [
      {
        file: 'server/src/store/migrations/0001-initial.ts',
        find: '    unique (merchant_id, client_reference_id),\n',
        replace: '',
      },
      {
        file: 'server/src/store/insert-invoices.ts',
        find: '    on conflict (merchant_id, client_reference_id) do nothing\n',
        replace: '',
      },
      {
        file: 'server/src/store/insert-invoices.ts',
        find: 'return new Set(rows.map(row => referenceKey(row.merchant_id, row.client_reference_id)));',
        replace:
          'return new Set(rows.slice(rows.length).map(row => referenceKey(row.merchant_id, row.client_reference_id)));',
      },
    ],
  },
  {
    name: 'less than asked',
    breaks: 'a tail makes an amount smaller',
    patches: [
      {
        file: 'server/src/commands/reserve-amounts.ts',
        find: 'units: place.base + BigInt(tail) * place.step',
        replace: 'units: place.base - BigInt(tail) * place.step',
      },
    ],
  },
  {
    name: 'rounded down',
    breaks: 'a commission is rounded down',
    patches: [
      {
        file: 'server/src/domain/commission.ts',
        find: 'return ceilTo(multiply(requested, fee), PRICE_SCALE);',
        replace: 'return floorTo(multiply(requested, fee), PRICE_SCALE);',
      },
    ],
  },
  {
    name: 'kept commission',
    breaks: 'the commission of a reversed payment is kept',
    focus: 'forks',
    patches: [
      { file: ledger, find: "return is ? 'back' : 'again';", replace: "return is ? null : 'again';" },
    ],
  },
  {
    name: 'commission for nothing',
    breaks: 'a commission is taken of an invoice that is not paid',
    patches: [
      {
        file: ledger,
        find: "if (emits === 'paid' || emits === 'paid_manually') return 'first';",
        replace: "if (emits === 'paid' || emits === 'paid_manually' || emits === 'expired') return 'first';",
      },
    ],
  },
];
