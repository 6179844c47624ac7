/** Blocks with more logs than a provider gives in one answer. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  failedRead,
  headFor,
  minePayments,
  mustRead,
  network,
  oneTo,
  openReplay,
  to,
  units,
  ways,
} from '../../../test/payments-replay.ts';
import { madeHash } from '../../../test/recorded-chain.ts';
import {
  filterOf,
  type Lie,
  type ReplayRpc,
  type RpcCall,
  type RpcFilter,
} from '../../../test/replay-rpc.ts';

const FULL = 5;
const other = '0x00000000000000000000000000000000000a0003';
const watched = { tokens: network.tokens, recipients: [other, to], native: [] };

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await openReplay();
  minePayments(replay, 12);
});
afterEach(() => replay.close());

const asksForFull = ({ blockHash, fromBlock, toBlock }: RpcFilter) =>
  blockHash === undefined
    ? Number(fromBlock) <= FULL && Number(toBlock) >= FULL
    : blockHash === replay.blocks.get(FULL)!.header.hash;

const tooMuch = { error: { code: -32005, message: 'query returned more than 10000 results' } };
const noMethod = { error: { code: -32601, message: 'the method does not exist' } };

/** The block gives its logs to `isSmall` questions alone; its receipts are answered with `receipts`. */
function fill(receipts: (call: RpcCall) => Lie, isSmall: (filter: RpcFilter) => boolean = () => false) {
  replay.lie = call => {
    const filter = filterOf(call);
    if (filter) return asksForFull(filter) && !isSmall(filter) ? tooMuch : undefined;
    return call.method === 'eth_getBlockReceipts' ? receipts(call) : undefined;
  };
}
const many = (filter: RpcFilter) => filter.address.length * (filter.topics[2]?.length ?? 0);

describe.each(ways)('in %s blocks', way => {
  const read = async () => mustRead(replay, await headFor(replay, way), { watched });
  const last = way === 'fresh' ? 12 : 8;

  test('they are read out of the receipts', async () => {
    fill(() => undefined);
    const reading = await read();
    expect([reading.through.height, units(reading)]).toEqual([last, oneTo(last)]);
    expect(replay.count('eth_getBlockReceipts')).toBe(1);
  });

  test.each<[string, Lie]>([
    ['has no such method', noMethod],
    ['does not know the path', { body: 'not found', status: 404 }],
    ['takes no such question', { body: '', status: 400 }],
  ])('where a provider %s they are asked for in parts', async (_, refusal) => {
    fill(
      () => refusal,
      filter => filter.blockHash !== undefined && many(filter) === 1,
    );
    const reading = await read();
    expect([reading.through.height, units(reading)]).toEqual([last, oneTo(last)]);
  });

  test('where even one wallet has too many of one token, that is the failure', async () => {
    fill(() => noMethod);
    expect((await failedRead(replay, await headFor(replay, way), { watched })).message).toContain('10000');
  });

  test.each<[string, (receipts: object[]) => unknown]>([
    ['none at all', () => []],
    ['of another fork', all => all.map(one => ({ ...one, blockHash: madeHash('a fork') }))],
    ['of some of its transactions', all => all.slice(1)],
    ['no list', () => 7],
  ])('receipts that are not those of the block (%s) are no answer', async (_, change) => {
    const { header, logs } = replay.blocks.get(FULL)!;
    const beside = madeHash('a transaction without logs');
    Object.assign(header, { transactions: [logs[0]!.transactionHash, beside] });
    const { hash: blockHash, number: blockNumber } = header;
    const whole = [replay.receipt(logs[0]!.transactionHash)!].concat({
      ...{ transactionHash: beside, blockHash, blockNumber, status: '0x1', logs: [] },
    });
    fill(() => ({ result: whole }));
    expect(units(await read())).toEqual(oneTo(last));
    fill(() => ({ result: change(whole) }));
    await failedRead(replay, await headFor(replay, way), { watched });
  });
});
