/** The law of chains on real ones: anvil as it is, and anvil behind java-tron's limits as Tron. */
import { randomInt } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Provider } from '../server/src/chains/chain.ts';
import { openChain } from '../server/src/chains/registry.ts';
import { startLocalChain } from '../server/src/dev/local-chain.ts';
import type { LocalKind } from '../server/src/dev/local-network.ts';
import { payOnLocalChain } from '../server/src/dev/pay.ts';
import { receiptOf, rpc, rpcAccounts, rpcBlock, rpcHex } from '../server/src/dev/rpc.ts';
import type { AssetCode, Network, Token } from '../server/src/domain/asset.ts';
import { createLogger } from '../server/src/lib/logger.ts';
import { chainConformance } from './chain-conformance.ts';
import type { ChainFixture, KnownTransfer } from './chain-fixture.ts';
import { openLive as openChainAlone } from './e2e/live-chain.ts';
import { emitData, eventEmitterCode, type WantedEvent } from './event-emitter-code.ts';
import { Figures } from './fire/figures.ts';
import { Reorganised } from './fire/reorgs.ts';
import { TronHttpFace } from './tron-http-face.ts';
import { useWorld } from './use-world.ts';

const quiet = createLogger('silent');

const emitter: Token = {
  asset: 'DAI',
  contract: '0x00000000000000000000000000000000000e0001',
  decimals: 18,
};
const fake = '0x00000000000000000000000000000000000e0002';
const shop = '0x0000000000000000000000000000000000a00001';
const other = '0x0000000000000000000000000000000000a00002';
const stranger = '0x0000000000000000000000000000000000a00003';
/** Wallets with code: one that takes no coins, and one that passes on to the shop whatever it gets. */
const grumpy = '0x0000000000000000000000000000000000a00004';
const forwarder = '0x0000000000000000000000000000000000a00005';
const revert = '0x60006000fd';
const passOn = `0x600060006000600034${'73'}${shop.slice(2)}5af100`;
const wholeWord = 2n ** 256n - 1n;

/** How the family under test writes an address and a transaction id of the EVM. */
type Spelling = { key: (address: string) => string; txId: (hash: string) => string };

/** The calldata of transfer(to, units). */
const transferData = (to: string, units: bigint) =>
  `0xa9059cbb${[BigInt(to), units].map(value => value.toString(16).padStart(64, '0')).join('')}`;

/** Writes a history onto the chain: payments, and what only looks like payments. */
async function play(url: string, { native, tokens }: Network, spelling: Spelling) {
  const usdt = tokens[0]!;
  const [payer, poor] = await rpcAccounts(url);
  const transfers: KnownTransfer[] = [];
  const decoys: ChainFixture['decoys'] = [];
  const expectPaid = async (hash: string, asset: AssetCode, paid: { to: string; units: bigint }[]) => {
    const { blockNumber: height } = await receiptOf(url, hash);
    const seen: string[] = [];
    for (const { to, units } of paid) {
      const ordinal = seen.filter(tuple => tuple === `${to} ${units}`).length;
      seen.push(`${to} ${units}`);
      const from = spelling.key(payer);
      const txId = spelling.txId(hash);
      transfers.push({ txId, asset, from, to: spelling.key(to), units, ordinal, height });
    }
  };
  const pay = async (to: string, units: bigint) => {
    const hash = await payOnLocalChain({ rpcUrl: url, token: usdt.contract, to, units });
    if (units > 0n && to !== stranger) await expectPaid(hash, 'USDT', [{ to, units }]);
    return hash;
  };
  const send = async (to: string, data: string, from = payer) =>
    rpcHex(url, 'eth_sendTransaction', { from, to, data, gas: '0x100000' });
  const event = (kind: WantedEvent['kind'], to: string, value: bigint): WantedEvent => ({
    kind,
    from: payer,
    to,
    value,
  });

  const payNative = async (to: string, units: bigint) => {
    const hash = await payOnLocalChain({ rpcUrl: url, token: null, to, units });
    if (units > 0n && to === shop) await expectPaid(hash, native.asset, [{ to, units }]);
    return hash;
  };
  /** A transaction with a value that may well be undone, or make a contract. */
  const sendValue = (to: string | null) =>
    rpcHex(url, 'eth_sendTransaction', {
      from: payer,
      value: '0x9',
      gas: '0x100000',
      ...(to === null ? { data: '0x00' } : { to }),
    });

  await pay(shop, 10_037100n);
  await payNative(shop, 20_000n);
  await payNative(stranger, 3n);
  await sendValue(forwarder);
  decoys.push({ kind: 'failed with value', txId: spelling.txId(await sendValue(grumpy)) });
  decoys.push({ kind: 'no receiver', txId: spelling.txId(await sendValue(null)) });
  decoys.push({ kind: 'nothing moved', txId: spelling.txId(await pay(shop, 0n)) });
  await pay(other, 1n);
  await pay(stranger, 77n);
  const equal = await send(
    emitter.contract,
    emitData([
      event('erc20', shop, 5n),
      event('erc20', stranger, 5n),
      event('erc20', shop, 5n),
      event('erc20', shop, wholeWord),
      event('erc20', other, 5n),
    ]),
  );
  await expectPaid(equal, 'DAI', [
    { to: shop, units: 5n },
    { to: shop, units: 5n },
    { to: shop, units: wholeWord },
    { to: other, units: 5n },
  ]);
  const nft = await send(emitter.contract, emitData([event('nft', shop, 1234n)]));
  decoys.push({ kind: 'ERC-721', txId: spelling.txId(nft) });
  const spoof = await send(fake, emitData([event('erc20', shop, 10_037100n)]));
  decoys.push({ kind: 'wrong contract', txId: spelling.txId(spoof) });
  const undone = await send(
    emitter.contract,
    emitData([event('erc20', shop, 9n), event('revert', shop, 0n)]),
  );
  decoys.push({ kind: 'failed', txId: spelling.txId(undone) });
  // By an account that has none of the token.
  const unfunded = await send(usdt.contract, transferData(shop, 9n), poor);
  decoys.push({ kind: 'failed', txId: spelling.txId(unfunded) });
  for (const { txId } of decoys.filter(({ kind }) => kind.startsWith('failed'))) {
    const { status } = await receiptOf(url, txId.startsWith('0x') ? txId : `0x${txId}`);
    if (status !== 0) throw new Error('a transaction that was to fail did not');
  }
  await pay(shop, 3n);
  await payNative(shop, 5n);
  return { transfers, decoys };
}

async function openLive(
  kind: LocalKind,
  spelling: Spelling,
  /** What stands before the chain in place of its JSON-RPC. */
  face?: (url: string, chainId: number) => Promise<Provider & { close: () => Promise<void> }>,
): Promise<ChainFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'chain-law-'));
  const port = randomInt(10_000, 32_000);
  const local = await startLocalChain({ kind, dir, port, ephemeral: true, log: quiet, mineEvery: null });
  const url = local.rpcUrl;
  // A span of 5 makes the search by range take several questions.
  const network: Network = { ...local.network, logSpan: 5, tokens: [...local.network.tokens, emitter] };
  await rpc(url, 'anvil_setCode', emitter.contract, eventEmitterCode(emitter.decimals));
  await rpc(url, 'anvil_setCode', fake, eventEmitterCode(6));
  await rpc(url, 'anvil_setCode', grumpy, revert);
  await rpc(url, 'anvil_setCode', forwarder, passOn);
  const start = await rpcBlock(url, 'latest');
  const { transfers, decoys } = await play(url, local.network, spelling);
  await rpc(url, 'anvil_mine', '0x20');
  const { close, ...provider } = (await face?.(url, network.chainId)) ?? { url, close: undefined };
  return {
    network,
    chain: openChain(network, provider),
    watched: {
      tokens: network.tokens,
      recipients: [shop, other].map(spelling.key),
      native: [shop, grumpy].map(spelling.key),
    },
    // The last is what the forwarder has passed on: no transaction pays it.
    held: { key: spelling.key(shop), units: 20_000n + 5n + 9n },
    start,
    transfers,
    decoys,
    reorganise: async depth => {
      await rpc(url, 'anvil_reorg', depth, []);
      await rpc(url, 'anvil_mine', '0x1');
    },
    submit: async () => {
      const { contract } = local.network.tokens[0]!;
      await rpc(url, 'evm_setAutomine', false);
      const [from] = await rpcAccounts(url);
      const data = transferData(shop, 11n);
      const hash = await rpcHex(url, 'eth_sendTransaction', { from, to: contract, data, gas: '0x100000' });
      const include = async () => {
        await rpc(url, 'anvil_mine', '0x1');
        await rpc(url, 'evm_setAutomine', true);
      };
      return { txId: spelling.txId(hash), include };
    },
    close: async () => {
      await close?.();
      await local.stop();
    },
  };
}

chainConformance({
  name: 'Ethereum, live',
  open: () => openLive('ERC-20', { key: address => address, txId: hash => hash }),
});

chainConformance({
  name: 'Tron, live behind java-tron limits',
  open: () => openLive('TRC-20', { key: address => `41${address.slice(2)}`, txId: hash => hash.slice(2) }),
});

chainConformance({
  name: 'Tron, live by the HTTP API of a full node',
  open: () =>
    openLive(
      'TRC-20',
      { key: address => `41${address.slice(2)}`, txId: hash => hash.slice(2) },
      async (url, chainId) => {
        const face = await TronHttpFace.open(url, chainId);
        return { url: face.url, kind: 'tron-http', close: () => face.close() };
      },
    ),
});

/** A sample of `npm run fire -- --only reorgs`. */
describe('a chain that forks while the stages work', () => {
  const world = useWorld();

  test('ends in the tables as it is, and pays nothing twice, however deep it forked', async () => {
    const live = await openChainAlone('ERC-20');
    try {
      const figures = new Figures();
      const run = await Reorganised.open(world, live, figures);
      for (const depth of [1, 9, 31, 33, 64]) await run.round(depth - 1);
      await run.reverse();
      expect(await run.judge()).toEqual([]);
      expect(figures.of('forks up to finality')).toBeGreaterThan(0);
      expect(figures.of('alarms: payment_reversed')).toBeGreaterThan(0);
      expect(figures.of('invoices: completed, reversed')).toBeGreaterThan(0);
      expect(figures.of('invoices: completed')).toBeGreaterThan(0);
    } finally {
      await live.stop();
    }
  });
});
