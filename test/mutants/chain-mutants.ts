/** Bugs in how chains are read and how payments become final. */
import type { Mutant } from './mutants.ts';

const watch = 'server/src/flow/watch.ts';
const walkBack = 'server/src/flow/walk-back.ts';
const cursors = 'server/src/store/cursors.ts';
const transfers = 'server/src/store/transfers.ts';
const payments = 'server/src/store/payments.ts';
const settle = 'server/src/flow/settle.ts';

export const chainMutants: readonly Mutant[] = [
  {
    name: 'dealt with for nothing',
    breaks:
      'a transfer that somebody has sent back is judged again when a fork moves it, or takes the one that counted',
    focus: 'forks',
    patches: [
      ...[
        "state = case when t.state = 'unmatched'",
        "reason = case when t.state = 'unmatched'",
        "invoice_id = case when t.state = 'unmatched'",
      ].map(find => ({ file: transfers, find: `${find} and t.resolution is null`, replace: find })),
      { file: transfers, find: '\n       and resolution is null`.execute(tx);', replace: '`.execute(tx);' },
    ],
  },
  {
    name: 'one confirmation less',
    breaks: 'a payment settles one block before it is final',
    patches: [
      {
        file: payments,
        find: 'else c.final_height end as final_height',
        replace: 'else c.final_height + 1 end as final_height',
      },
      {
        file: payments,
        find: 't.height <= c.final_height)\n       and',
        replace: 't.height <= c.final_height + 1)\n       and',
      },
    ],
  },
  {
    name: 'removed is ignored',
    breaks: 'a transfer that has left the chain keeps its block',
    patches: [
      {
        file: watch,
        find: '  await orphanTransfers(tx, at, kept);\n',
        replace: '  void [orphanTransfers, at, kept];\n',
      },
    ],
  },
  {
    name: 'keyed by place',
    breaks: 'a transfer that comes back in another block is another transfer',
    patches: [
      {
        file: transfers,
        find: '${seen.map(s => s.units)}::numeric[], ${seen.map(s => s.ordinal)}::int[],\n      ${seen.map(s => s.block.height)}',
        replace:
          '${seen.map(s => s.units)}::numeric[], ${seen.map(s => s.ordinal + 10 * s.block.height)}::int[],\n      ${seen.map(s => s.block.height)}',
      },
    ],
  },
  {
    name: 'one transfer per transaction',
    breaks: 'the second of two transfers in one transaction is lost',
    patches: [
      {
        file: watch,
        find: 'reading.transfers, now);',
        replace:
          'reading.transfers.filter((one, n, all) => all.findIndex(other => other.txId === one.txId) === n), now);',
      },
    ],
  },
  {
    name: 'cursor first',
    breaks: 'the cursor moves in another transaction than the one that stores what it passed',
    focus: 'watching',
    patches: [
      {
        file: watch,
        find: '  return transact(db, tx => store(deps, tx, { ...found, cursor, watchVersion: watched.version }));',
        replace: `  const moved = await transact(db, tx => store(deps, tx, { ...found, cursor, watchVersion: watched.version }));
  const at = { network: network.code, epoch: found.start.epoch };
  if (moved > 0) await transact(db, tx => storeTransfers(tx, at, found.reading.transfers, deps.clock.now()));
  return moved;`,
      },
      {
        file: watch,
        find: '  await storeTransfers(tx, { network: network.code, epoch: start.epoch }, reading.transfers, now);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'watched set is ignored',
    breaks: 'a wallet that was added while a range was read is skipped in it',
    focus: 'watching',
    patches: [
      {
        file: cursors,
        find: '  if ((rows[0]?.version ?? 0) !== watchVersion) return false;\n',
        replace: '  void rows; void watchVersion;\n',
      },
    ],
  },
  {
    name: 'two watchers',
    breaks: 'a watcher that was overtaken writes what it has read all the same',
    focus: 'watching',
    patches: [
      {
        file: cursors,
        find: "    .where('version', '=', from.version)\n    .executeTakeFirst();\n  return moved",
        replace: '    .executeTakeFirst();\n  return moved',
      },
    ],
  },
  {
    name: 'any block will do',
    breaks: 'a reorganisation is walked back to a block that is not on the chain',
    patches: [
      {
        file: walkBack,
        find: '(await chain.block(ours.height, signal))?.hash !== ours.hash',
        replace: '!(await chain.block(ours.height, signal))',
      },
    ],
  },
  {
    name: 'one epoch for ever',
    breaks: 'a local chain that begins anew is taken for a fork of the old one',
    focus: 'local',
    patches: [
      { file: walkBack, find: 'const epoch = cursor.epoch + 1;', replace: 'const epoch = cursor.epoch;' },
    ],
  },
  {
    name: 'kept wherever it went',
    breaks: 'a transfer that moved to a block after the deadline still counts',
    focus: 'late',
    patches: [
      {
        file: 'server/src/domain/settle.ts',
        find: "if (!inclusion || !isInTime(invoice, inclusion.time, kind)) return 'release';",
        replace: "if (!inclusion) return 'release'; void isInTime; void invoice; void kind;",
      },
    ],
  },
  {
    name: 'paid twice',
    breaks: 'a settled payment that comes back is told as paid again',
    focus: 'forks',
    patches: [
      {
        file: settle,
        find: 'return [{ before, after, emits: null, tells: about',
        replace: "return [{ before, after, emits: gone ? null : 'paid', tells: about",
      },
    ],
  },
  {
    name: 'reversed for ever',
    breaks: 'the mark of a reversed payment stays when the transfer is back',
    focus: 'forks',
    patches: [
      {
        file: payments,
        find: "where i.exception = 'reversed' and not exists (",
        replace: "where false and i.exception = 'reversed' and not exists (",
      },
    ],
  },
  {
    name: 'never reversed',
    breaks: 'a settled payment that has left the chain is not marked',
    focus: 'forks',
    patches: [
      {
        file: payments,
        find: "where t.height is null and i.exception is distinct from 'reversed'",
        replace: "where false and t.height is null and i.exception is distinct from 'reversed'",
      },
    ],
  },
  {
    name: 'seconds are not judged anew',
    breaks: 'the second of two payments stays second when the first has left the chain',
    focus: 'forks',
    patches: [
      {
        file: transfers,
        find: "where invoice_id = any(${invoiceIds}::bigint[]) and state = 'unmatched' and reason = 'second_transfer'",
        replace:
          "where false and invoice_id = any(${invoiceIds}::bigint[]) and state = 'unmatched' and reason = 'second_transfer'",
      },
    ],
  },
  {
    name: 'no header below',
    breaks:
      'of what was read at one go no header is kept below the limit, and a deep fork there finds no block to go back to',
    focus: 'forks',
    patches: [
      // Fewer are kept, since a history is short; harmless by itself.
      { file: watch, find: 'const HEADERS_KEPT = 300;', replace: 'const HEADERS_KEPT = 0;' },
      {
        file: cursors,
        find: 'and height < (\n      select max(height) from blocks where network = ${network} and height <= ${height})',
        replace: 'and height < ${height}',
      },
    ],
  },
  {
    name: 'final block passed over',
    breaks:
      'whoever goes back steps over the final block, and so takes a fork below it for a final one undone',
    focus: 'forks',
    patches: [
      // By other steps, which are harmless by themselves: with so few confirmations the third one is the final block.
      {
        file: walkBack,
        find: 'index < length - 1; index = index * 2 + 1)',
        replace: 'index < length - 1; index = index * 2 + 2)',
      },
      {
        file: walkBack,
        find: 'if (index < final && final < Math.min(index * 2 + 1, length - 1)) yield final;',
        replace: 'void final;',
      },
    ],
  },
  {
    name: 'kept under a fork',
    breaks: 'what the second reading has read is stored although the chain was taken back below it meanwhile',
    focus: 'forks',
    patches: [
      {
        file: 'server/src/store/recheck.ts',
        find: '\n       and exists (select from blocks where network = ${cursor.network} and height = ${above.height} and hash = ${above.hash})',
        replace: '',
      },
    ],
  },
  {
    name: 'a fork is read again',
    breaks: 'the second reading takes what a provider shows of a fork that it sits on',
    focus: 'forks',
    patches: [
      {
        file: 'server/src/flow/recheck.ts',
        find: '  await requireOurs(deps, { chain, cursor }, reading, signal);\n',
        replace: '  void requireOurs;\n',
      },
    ],
  },
  {
    name: 'a fork is named',
    breaks: 'a transaction that a person names is put on the block of whichever provider knows it',
    focus: 'forks',
    patches: [
      {
        file: 'server/src/store/claim-transfer.ts',
        find: 'const isRead = above ? (await storedAbove(tx, network, above.height))?.hash === above.hash : false;',
        replace: 'void [above, storedAbove];\n  const isRead = true;',
      },
    ],
  },
];
