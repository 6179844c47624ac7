import { expect, test } from 'vitest';
import { networks } from '../server/src/domain/asset.ts';
import { keyOn } from './factories.ts';
import { FakeChain, FakeProvider, type FakeTransfer } from './fake-chain.ts';

const network = networks['BEP-20'];
const [payer, shop, other] = ['f', 'a', 'b'].map(digit => keyOn(network.code, digit.repeat(40))) as [
  string,
  string,
  string,
];
const to = (recipient: string, units: bigint): FakeTransfer => ({
  asset: 'USDT',
  from: payer,
  to: recipient,
  units,
});

test('a transaction looked up is what a reading says of it, from waiting to undone', async () => {
  const chain = new FakeChain(network, 0);
  const provider = new FakeProvider(chain);
  const after = chain.tip;
  const { id } = chain.send([to(shop, 5n), to(other, 5n), to(shop, 0n), to(shop, 5n)]);
  const failed = chain.send([to(shop, 5n)], 0, true);
  expect(await provider.transaction(id)).toEqual({ kind: 'unknown' });

  chain.mine(3000);
  const { height, hash, time } = chain.tip;
  const block = { height, hash, time };
  const watched = { tokens: network.tokens, recipients: [shop, other], native: [] };
  const reading = await provider.read({ after, head: await provider.head(), limit: 10 }, watched);
  if (reading.kind !== 'read') throw new Error('the chain diverged');
  expect(reading.transfers.map(transfer => [transfer.txId, transfer.to, transfer.ordinal])).toEqual([
    [id, shop, 0],
    [id, other, 0],
    [id, shop, 1],
  ]);
  expect(await provider.transaction(id)).toEqual({ kind: 'found', block, transfers: reading.transfers });
  expect(await provider.transaction(failed.id)).toEqual({ kind: 'failed', block });
  expect(chain.transfers().filter(({ txId }) => txId === failed.id)).toEqual([]);

  provider.lag = 1;
  expect(await provider.transaction(id)).toEqual({ kind: 'unknown' });
  provider.lag = 0;
  chain.drop(1);
  expect(await provider.transaction(id)).toEqual({ kind: 'unknown' });
});

test('a transfer of an asset the network does not have is not listed', async () => {
  const chain = new FakeChain(
    { ...network, tokens: network.tokens.filter(({ asset }) => asset === 'USDT') },
    0,
  );
  const { id } = chain.send([{ ...to(shop, 5n), asset: 'USDC' }]);
  chain.mine(3000);
  expect(await new FakeProvider(chain).transaction(id)).toMatchObject({ kind: 'found', transfers: [] });
});
