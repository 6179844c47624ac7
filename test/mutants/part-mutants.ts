/** Bugs in how parts of an amount add up, and in what is asked for the rest. */
import type { Mutant } from './mutants.ts';

const parts = 'server/src/domain/parts.ts';
const judge = 'server/src/flow/judge-all.ts';
const partPayments = 'server/src/store/part-payments.ts';
const remainders = 'server/src/store/remainders.ts';

export const partMutants: readonly Mutant[] = [
  {
    name: 'before the last part is final',
    breaks: 'parts settle their invoice as soon as one of them is final',
    focus: 'parts',
    patches: [
      {
        file: parts,
        find: "decisions.every(decision => decision === 'settle')",
        replace: "decisions.some(decision => decision === 'settle')",
      },
      {
        file: partPayments,
        find: 'and bool_and(t.epoch < c.epoch or t.height <= c.final_height))',
        replace: 'and bool_or(t.epoch < c.epoch or t.height <= c.final_height))',
      },
    ],
  },
  {
    name: 'nearly is enough',
    breaks: 'nine tenths of an amount pay it',
    focus: 'parts',
    patches: [
      { file: parts, find: 'received >= final.units', replace: 'received * 10n >= final.units * 9n' },
      {
        file: partPayments,
        find: 'sum(t.units) >= i.final_units',
        replace: 'sum(t.units) * 10 >= i.final_units * 9',
      },
    ],
  },
  {
    name: 'lost part is kept',
    breaks: 'a part that has left the chain is never released',
    focus: 'parts',
    patches: [
      {
        file: parts,
        find: "parts.filter((_, index) => decisions[index] === 'release')",
        replace: 'parts.filter(() => false)',
      },
    ],
  },
  {
    name: 'lost part leaves its mark',
    breaks: 'an invoice stays marked underpaid when its parts are gone',
    focus: 'parts',
    patches: [
      {
        file: parts,
        find: "const other = before === 'underpaid' ? null : before;",
        replace: 'const other = before;',
      },
    ],
  },
  {
    name: 'only the last part counts',
    breaks: 'a part does not add to those before it',
    focus: 'parts',
    patches: [
      {
        file: judge,
        find: 'const received = (this.#received.get(id) ?? 0n) + BigInt(transfer.units);',
        replace: 'const received = BigInt(transfer.units);',
      },
    ],
  },
  {
    name: 'parts of two places',
    breaks: 'parts in two coins or networks count together',
    focus: 'coins',
    patches: [
      {
        file: judge,
        find: 'return place !== undefined && !isSameMethod(place, method);',
        replace: 'return place === null && !isSameMethod(place, method);',
      },
    ],
  },
  {
    name: 'parts beside the whole',
    breaks: 'parts still count when the whole amount comes after them',
    focus: 'parts',
    patches: [
      {
        file: judge,
        find: '      this.#paid.add(id);\n      this.#release(id);\n',
        replace: '      this.#paid.add(id);\n',
      },
    ],
  },
  {
    name: 'late rest is nothing',
    breaks: 'what was asked for the rest does not count after the deadline where a shop accepts that',
    focus: 'parts',
    patches: [
      {
        file: judge,
        find: "return rest && late.kind === 'counts' ? { ...late, as: 'late_part' } : late;",
        replace: 'return rest ? verdict : late;',
      },
    ],
  },
  {
    name: 'late rest is as any',
    breaks: 'a rest that comes late counts as one in time, and is released for that again and again',
    focus: 'parts',
    patches: [
      {
        file: judge,
        find: "{ ...late, as: 'late_part' }",
        replace: "{ ...late, as: 'part' }",
      },
    ],
  },
  {
    name: 'dust binds',
    breaks: 'a twentieth of the amount counts as a part of it',
    focus: 'parts',
    patches: [{ file: parts, find: 'const LEAST_PERCENT = 10n;', replace: 'const LEAST_PERCENT = 2n;' }],
  },
  {
    name: 'rest too small',
    breaks: 'what is asked for the rest does not make up the whole',
    focus: 'parts',
    patches: [
      {
        file: remainders,
        find: 'units: place.base + BigInt(tail) * place.step',
        replace: 'units: place.base - BigInt(tail) * place.step',
      },
    ],
  },
  {
    name: 'rest before its time',
    breaks: 'a part that is as much as the rest, which was asked for after it was seen, is taken for that',
    focus: 'parts',
    patches: [
      {
        file: 'server/src/store/part-payments.ts',
        find: ' and r.asked_at <= t.detected_at`;',
        replace: '`;',
      },
      { file: remainders, find: '...place.tails', replace: '' },
    ],
  },
  {
    name: 'rest is not held',
    breaks: 'an amount that was asked for the rest is held no longer than its invoice is open',
    focus: 'parts',
    patches: [
      {
        file: 'server/src/store/save-invoices.ts',
        find: 'from remainders where invoice_id = any(${ids}::bigint[])) m',
        replace: 'from remainders where false and invoice_id = any(${ids}::bigint[])) m',
      },
    ],
  },
  {
    name: 'part of anybody',
    breaks: 'a transfer that counts for one invoice is given to another one as its part',
    focus: 'parts',
    patches: [
      {
        file: 'server/src/commands/accept-part.ts',
        find: "if (transfer.state !== 'unmatched' || transfer.resolution !== null) return 'transfer_settled';",
        replace: '',
      },
    ],
  },
  {
    name: 'no part is large',
    breaks: 'a large part does not wait for a second provider',
    focus: 'parts',
    patches: [
      {
        file: partPayments,
        find: '(p.agreed_at is not null or not ${isLarge(large)})',
        replace: '(true or p.agreed_at is not null or not ${isLarge(large)})',
      },
    ],
  },
  {
    name: 'small parts of much',
    breaks: 'a large amount that is paid in small parts does not wait for a second provider',
    focus: 'parts',
    patches: [
      {
        file: 'server/src/store/agreements.ts',
        find: "case when p.kind in ('part', 'late_part') then greatest(t.units, i.final_units) else t.units end",
        replace: 't.units',
      },
    ],
  },
  {
    name: 'half is the whole',
    breaks: 'a rest settles its invoice alone where the address of that was changed in the database',
    focus: 'changed addresses',
    patches: [
      {
        file: 'server/src/flow/judge-all.ts',
        find: 'heldAs({ network, asset, addressKey: to, units }',
        replace: 'heldAs({ network, asset, addressKey: invoice.method.addressKey, units }',
      },
      {
        file: 'server/src/flow/judge-all.ts',
        find: 'if (!rest && units !== invoice.method.final.units) return judge(seen, null);',
        replace: '',
      },
    ],
  },
];
