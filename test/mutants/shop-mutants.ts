/** Bugs in what people do and what shops are told. */
import type { Mutant } from './mutants.ts';

const save = 'server/src/store/save-invoices.ts';
const deliveries = 'server/src/store/deliveries.ts';
const invoice = 'server/src/domain/invoice.ts';
const delivery = 'server/src/domain/delivery.ts';
const resends = 'server/src/store/resends.ts';

export const shopMutants: readonly Mutant[] = [
  {
    name: 'a minute more',
    breaks: 'the deadline moves when the payer chooses',
    patches: [
      {
        file: save,
        find: '      method_at: new Date(method.since),\n',
        replace:
          "      method_at: new Date(method.since),\n      expire_at: sql`expire_at + interval '1 minute'`,\n",
      },
    ],
  },
  {
    name: 'outbox after the commit',
    breaks: 'an event is written in another transaction than the change that owes it',
    focus: 'shops',
    patches: [
      { file: save, find: 'async function enqueue(', replace: 'export async function enqueue(' },
      {
        file: 'server/src/flow/expire.ts',
        find: "import { type InvoiceChange, saveInvoices } from '../store/save-invoices.ts';",
        replace: "import { enqueue, type InvoiceChange, saveInvoices } from '../store/save-invoices.ts';",
      },
      {
        file: 'server/src/flow/expire.ts',
        find: '  return transact(db, async tx => {',
        replace: '  let owed = [];\n  const ended = await transact(db, async tx => {',
      },
      {
        file: 'server/src/flow/expire.ts',
        find: '    await saveInvoices(tx, changes, { now, webhookId });\n    return changes.length;\n  });',
        replace: `    owed = changes.map(({ after, emits }) => ({ invoice: after, type: emits }));
    await saveInvoices(tx, changes.map(change => ({ ...change, emits: null })), { now, webhookId });
    return changes.length;
  });
  if (owed.length > 0) await transact(db, tx => enqueue(tx, owed, { now, webhookId }));
  return ended;`,
      },
    ],
  },
  {
    name: 'never superseded',
    breaks: 'an earlier event is still sent after a later one',
    patches: [
      {
        file: save,
        find: "where d.invoice_id = any(${ids}::bigint[]) and d.state = 'open'",
        replace: "where false and d.invoice_id = any(${ids}::bigint[]) and d.state = 'open'",
      },
    ],
  },
  {
    name: 'unfenced lease',
    breaks: 'a process whose lease ran out records over the one that has it now',
    focus: 'shops',
    patches: [
      { file: deliveries, find: 'where d.id = r.id and d.lease = r.lease', replace: 'where d.id = r.id' },
    ],
  },
  {
    name: 'lease for ever',
    breaks: 'a delivery whose process died is never sent again',
    focus: 'shops',
    patches: [
      {
        file: deliveries,
        find: '           and (d.lease is null or d.leased_until < ${now})\n',
        replace: '           and d.lease is null\n',
      },
    ],
  },
  {
    name: 'too soon',
    breaks: 'a request is repeated before its time',
    patches: [
      { file: delivery, find: 'dueAt: startedAt + wait }', replace: 'dueAt: startedAt + wait / 2 }' },
    ],
  },
  {
    name: 'any answer will do',
    breaks: 'an answer other than 200 counts as delivered',
    patches: [
      { file: delivery, find: 'return status === 200;', replace: 'return status !== null && status < 400;' },
    ],
  },
  {
    name: 'gives up early',
    breaks: 'a delivery is given up before its tenth request',
    focus: 'shops',
    patches: [
      { file: delivery, find: 'schedule[number + 1]', replace: 'schedule[number > 4 ? 10 : number + 1]' },
    ],
  },
  {
    name: 'all at once',
    breaks: 'two events of one invoice are under way at the same time',
    focus: 'shops',
    patches: [
      {
        file: deliveries,
        find: 'where o.invoice_id = d.invoice_id and o.id <> d.id and o.leased_until >= ${now})',
        replace: 'where false and o.invoice_id = d.invoice_id and o.id <> d.id and o.leased_until >= ${now})',
      },
      {
        file: deliveries,
        find: 'and (e.due_at, e.id) < (d.due_at, d.id))',
        replace: 'and false)',
      },
    ],
  },
  {
    name: 'told unasked',
    breaks: 'a shop hears of what it did not ask for',
    patches: [
      {
        file: save,
        find: '.filter(({ type }) => optedIn.get(after.id)?.includes(type))',
        replace: '.filter(() => optedIn.has(after.id))',
      },
    ],
  },
  {
    name: 'cancelled while paid',
    breaks: 'an invoice is cancelled although its payment was seen',
    focus: 'hands',
    patches: [
      {
        file: 'server/src/commands/cancel-invoice.ts',
        find: "if (before.status === 'confirming' || (await hasMoney(tx, before))) return fail('payment_seen');",
        replace: 'void hasMoney;',
      },
      {
        file: invoice,
        find: "    deadline_passed: 'stay',\n    cancelled: 'refuse',\n    confirmed_manually: to('paid_manually', 'paid_manually'),\n  },\n  completed: {",
        replace:
          "    deadline_passed: 'stay',\n    cancelled: to('cancelled', 'cancelled'),\n    confirmed_manually: to('paid_manually', 'paid_manually'),\n  },\n  completed: {",
      },
    ],
  },
  {
    name: 'forgotten method',
    breaks: 'what a payer was asked before the coin was changed is forgotten',
    focus: 'coins',
    patches: [
      {
        file: save,
        find: '  if (before.method) await keepMethod(tx, id, now);\n',
        replace: '  void keepMethod;\n',
      },
    ],
  },
  {
    name: 'changed without end',
    breaks: 'a payer may hold any number of amounts',
    focus: 'coins',
    patches: [
      {
        file: 'server/src/commands/choose-method.ts',
        find: 'replaced.length < MOST_CHANGES ?',
        replace: 'replaced.length < 99 + MOST_CHANGES ?',
      },
    ],
  },
  {
    name: 'two in one claim',
    breaks: 'two events of one invoice that fall due together are sent at once',
    focus: 'shops',
    patches: [{ file: deliveries, find: 'and (e.due_at, e.id) < (d.due_at, d.id))', replace: 'and false)' }],
  },
  {
    name: 'forged wallet is offered',
    breaks: 'a new invoice asks for money at an address that was changed in the database',
    focus: 'changed addresses',
    patches: [
      {
        file: 'server/src/commands/find-places.ts',
        find: 'wallets.filter(wallet => isGenuine(deps.vault, wallet))',
        replace: 'wallets.filter(wallet => isGenuine(deps.vault, wallet) || true)',
      },
    ],
  },
  {
    name: 'nobody vouches for it',
    breaks: 'an invoice whose address was changed in the database is settled all the same',
    focus: 'changed addresses',
    patches: [
      {
        file: 'server/src/flow/settle.ts',
        find: "const isRefused = decision === 'settle' && !(place && isGenuine.get(place));",
        replace: 'const isRefused = false; void isGenuine; void place;',
      },
    ],
  },
  {
    name: 'unseen without a mark',
    breaks: 'an invoice that expires while its network is out of use does not say so',
    focus: 'silence',
    patches: [
      {
        file: 'server/src/flow/expire.ts',
        find: "isBlind ? 'expired_blind' : null",
        replace: 'isBlind ? null : null',
      },
    ],
  },
  {
    name: 'asked for beside the schedule',
    breaks: 'a webhook that somebody asks for is sent while another one of its invoice is under way',
    focus: 'shops',
    patches: [
      {
        file: resends,
        find: 'and not exists (select from deliveries d where d.invoice_id = r.invoice_id and d.leased_until >= ${time})',
        replace: '',
      },
      {
        file: resends,
        find: 'and not exists (select from deliveries d where d.invoice_id = r.invoice_id and d.leased_until >= ${now})',
        replace: '',
      },
    ],
  },
  {
    name: 'any answer to what was asked for',
    breaks: 'a webhook that somebody asked for counts as delivered whatever the shop answers',
    focus: 'shops',
    patches: [{ file: resends, find: 'if (record.status !== 200) return;', replace: '' }],
  },
];
