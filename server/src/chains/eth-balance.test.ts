import { afterEach, beforeEach, expect, test } from 'vitest';
import { network, openReplay, to } from '../../../test/payments-replay.ts';
import { madeHash, mine } from '../../../test/recorded-chain.ts';
import type { ReplayRpc } from '../../../test/replay-rpc.ts';
import { openChain } from './registry.ts';

const signal = new AbortController().signal;

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await openReplay();
  mine(replay, 5);
  replay.balances.set(to, 12n);
});
afterEach(() => replay.close());

const balance = (hash = replay.blocks.get(3)!.header.hash) =>
  openChain(network, { url: replay.url }).balance(to, { height: 3, hash }, signal);

test('what an address holds is asked for at the block, not at the newest one', async () => {
  expect(await balance()).toEqual({ units: 12n, height: 3 });
  expect(replay.calls.at(-1)).toMatchObject({ method: 'eth_getBalance', params: [to, '0x3'] });
});

test('a provider that has another block there is not believed', async () => {
  await expect(balance(madeHash('elsewhere'))).rejects.toMatchObject({ retryable: true });
});

test.each(['12', '0x', `0x1${'0'.repeat(64)}`, null, 12])('%j is no balance', async result => {
  replay.lie = ({ method }) => (method === 'eth_getBalance' ? { result } : undefined);
  await expect(balance()).rejects.toMatchObject({ retryable: true });
});
