import { afterAll, describe, expect, test } from 'vitest';
import { chainConformance, type KnownTransfer } from '../../../../test/chain-conformance.ts';
import {
  addGenesis,
  failedTransactions,
  madeCopy,
  madeHash,
  madeLog,
  madeParent,
  mine,
  recordedBlock,
  recordedJson,
  submitPayment,
  transferTopic,
} from '../../../../test/recorded-chain.ts';
import { type RawBlock, type RawLog, ReplayRpc } from '../../../../test/replay-rpc.ts';
import { type Network, networks } from '../../domain/asset.ts';
import type { Reading } from '../chain.ts';
import { evm } from './adapter.ts';

const signal = new AbortController().signal;
const opened: ReplayRpc[] = [];
afterAll(() => Promise.all(opened.map(replay => replay.close())));

const addressIn = (topic: string | undefined) => `0x${topic!.slice(-40)}`;

const pays = (log: RawLog) => log.topics.length === 3 && log.data.length === 66 && BigInt(log.data) > 0n;

/** The payments in recorded logs, worked out without the adapter; none of these blocks has two equal ones. */
function paymentsIn(logs: RawLog[], network: Network): KnownTransfer[] {
  return logs.flatMap(log => {
    const token = network.tokens.find(row => row.contract === log.address);
    if (!token || log.topics[0] !== transferTopic || !pays(log)) return [];
    const [from, to] = log.topics.slice(1).map(addressIn) as [string, string];
    const { asset } = token;
    const height = Number(log.blockNumber);
    return [{ txId: log.transactionHash, asset, from, to, units: BigInt(log.data), ordinal: 0, height }];
  });
}

/** Every address that any Transfer log of the block goes to, by whatever contract and in whatever shape. */
const recipientsIn = (logs: RawLog[]) => [
  ...new Set(
    logs
      .filter(log => log.topics[0] === transferTopic && log.topics.length >= 3)
      .map(log => addressIn(log.topics[2])),
  ),
];

async function replayOf(network: Network, recorded: RawBlock): Promise<ReplayRpc> {
  const replay = await ReplayRpc.start();
  opened.push(replay);
  replay.chainId = network.chainId;
  for (const token of network.tokens) replay.decimals.set(token.contract, token.decimals);
  addGenesis(replay);
  replay.add({ header: madeParent(recorded.header), logs: [] });
  replay.add(recorded);
  return replay;
}

/** Where `txId` pays no row of the network, so that it must not show. */
const decoy = (kind: string, logs: RawLog[], paying: Set<string>) => {
  const log = logs.find(one => !paying.has(one.transactionHash));
  if (!log) throw new Error(`no ${kind} in the recording`);
  return { kind, txId: log.transactionHash };
};

const polygon: Network = { ...networks.POLYGON, finality: { by: 'tag', depth: 6 }, logSpan: 4 };

async function openPolygon() {
  const recorded = recordedBlock('evm/polygon/50000000');
  const replay = await replayOf(polygon, recorded);
  const start = { height: Number(recorded.header.number) - 1, hash: recorded.header.parentHash };
  const copy = madeCopy(recorded, replay.tip.header);
  replay.add(copy);
  const [usdt] = polygon.tokens;
  const from = '0x00000000000000000000000000000000000f0001';
  const to = '0x00000000000000000000000000000000000a0002';
  const tx = madeHash('two equal transfers');
  const nft = madeHash('a token of tokens');
  mine(replay, 24, {
    logs: (header, index) =>
      index === 2
        ? [
            madeLog(header, { address: usdt!.contract, from, to, value: null, tx: nft, index: 0 }),
            madeLog(header, { address: usdt!.contract, from, to, value: 5n, tx, index: 1 }),
            madeLog(header, { address: usdt!.contract, from, to, value: 5n, tx, index: 2 }),
          ]
        : [],
  });
  replay.finalized = Number(replay.tip.header.number) - 4;
  const height = start.height + 5;
  const equal = { txId: tx, asset: 'USDT' as const, from, to, units: 5n, height };
  const transfers = [
    ...paymentsIn(recorded.logs, polygon),
    ...paymentsIn(copy.logs, polygon),
    { ...equal, ordinal: 0 },
    { ...equal, ordinal: 1 },
  ];
  const paying = new Set(transfers.map(transfer => transfer.txId));
  const moves = recorded.logs.filter(log => log.topics[0] === transferTopic && log.topics.length === 3);
  const listed = (log: RawLog) => polygon.tokens.some(token => token.contract === log.address);
  return {
    network: polygon,
    chain: evm.open({ url: replay.url }, polygon),
    watched: { tokens: polygon.tokens, recipients: [...recipientsIn(recorded.logs), to] },
    start,
    transfers,
    decoys: [
      decoy(
        'wrong contract',
        moves.filter(log => !listed(log) && pays(log)),
        paying,
      ),
      decoy(
        'nothing moved',
        moves.filter(log => listed(log) && !pays(log)),
        paying,
      ),
      { kind: 'ERC-721', txId: nft },
      decoy(
        'ERC-721',
        recorded.logs.filter(log => log.topics[0] === transferTopic && log.topics.length === 4),
        paying,
      ),
      ...failedTransactions('evm/polygon/50000000').map(txId => ({ kind: 'failed', txId })),
    ],
    async reorganise(depth: number) {
      const height = Number(replay.tip.header.number) - depth;
      replay.add(replay.blocks.get(height)!);
      mine(replay, depth + 1, { fork: 'other' });
    },
    async submit() {
      const { tx, include } = submitPayment(replay, { address: usdt!.contract, from, to });
      return { txId: tx, include };
    },
    close: async () => {},
  };
}

chainConformance({ name: 'Polygon PoS, recorded', open: openPolygon });

/** Reads one recorded block, with every recipient in it watched. */
async function readRecorded(network: Network, recorded: RawBlock) {
  const replay = await replayOf(network, recorded);
  const chain = evm.open({ url: replay.url }, network);
  const head = { ...(await chain.head(signal)), final: -1 };
  const after = { height: head.tip.height - 1, hash: head.tip.parent };
  const watched = { tokens: network.tokens, recipients: recipientsIn(recorded.logs) };
  const reading = await chain.read({ after, head, limit: 10 }, watched, signal);
  return (reading as Extract<Reading, { kind: 'read' }>).transfers;
}

/** Looks transactions of one recorded block up. */
async function lookupIn(network: Network, folder: string) {
  const replay = await replayOf(network, recordedBlock(folder));
  const chain = evm.open({ url: replay.url }, network);
  return (txId: string) => chain.transaction(txId, signal);
}

/** The one transaction of a recorded block whose hash begins so. */
const hashFrom = (folder: string, start: string) =>
  recordedBlock(folder).receipts!.find(({ transactionHash }) => transactionHash.startsWith(start))!
    .transactionHash;

describe('recorded transactions', () => {
  const polygonFolder = 'evm/polygon/50000000';
  const ethereumFolder = 'evm/ethereum/18500000';

  test.each([
    ['Ethereum', networks['ERC-20'], ethereumFolder],
    ['Polygon', networks.POLYGON, polygonFolder],
    ['Arbitrum', networks.ARBITRUM, 'evm/arbitrum/150000000'],
  ])(
    '%s: those that succeeded have just the transfers of the block, the others failed',
    async (_, network, folder) => {
      const recorded = recordedBlock(folder);
      const lookup = await lookupIn(network, folder);
      const failed = new Set(failedTransactions(folder));
      const transfers: KnownTransfer[] = [];
      for (const { transactionHash } of recorded.receipts!) {
        const report = await lookup(transactionHash);
        expect(report.kind).toBe(failed.has(transactionHash) ? 'failed' : 'found');
        if (report.kind === 'found')
          for (const { block, ...rest } of report.transfers)
            transfers.push({ ...rest, height: block.height });
      }
      expect(transfers).toEqual(paymentsIn(recorded.logs, network));
    },
  );

  test('a failed one on Ethereum has its block and nothing else', async () => {
    const lookup = await lookupIn(networks['ERC-20'], ethereumFolder);
    const [failed, ...others] = failedTransactions(ethereumFolder);
    expect(others).toEqual([]);
    expect(await lookup(failed!)).toEqual({
      kind: 'failed',
      block: {
        height: 18500000,
        hash: '0x80ce6bb0e244fbdf66cf0a1108273fe1ca58788efb7fb8d3a0d783d2b06d433d',
        time: 1699116959_000,
      },
    });
  });

  test('a failed one on Polygon has a log, of its fee, and has failed all the same', async () => {
    const lookup = await lookupIn(networks.POLYGON, polygonFolder);
    const failed = failedTransactions(polygonFolder);
    const { logs } = recordedBlock(polygonFolder);
    expect(failed).toHaveLength(7);
    for (const txId of failed) {
      expect(logs.filter(log => log.transactionHash === txId)).toHaveLength(1);
      expect((await lookup(txId)).kind).toBe('failed');
    }
  });

  test('the address-poisoning batch is found and moved nothing', async () => {
    const lookup = await lookupIn(networks.POLYGON, polygonFolder);
    const report = await lookup(hashFrom(polygonFolder, '0x33bf1600'));
    expect(report).toMatchObject({ kind: 'found', block: { height: 50000000 }, transfers: [] });
  });

  test('one that moves the same sum through two wallets has both transfers, whoever is watched', async () => {
    const lookup = await lookupIn(networks['ERC-20'], ethereumFolder);
    const report = await lookup(hashFrom(ethereumFolder, '0xc64649541216'));
    expect(report).toMatchObject({
      kind: 'found',
      transfers: [
        { asset: 'USDT', units: 1000_000000n, ordinal: 0 },
        { asset: 'USDT', units: 1000_000000n, ordinal: 0 },
      ],
    });
  });
});

describe('recorded mainnet blocks', () => {
  test('Ethereum 18500000: 15 USDT, 4 USDC and a DAI transfer, those inside swaps included', async () => {
    const transfers = await readRecorded(networks['ERC-20'], recordedBlock('evm/ethereum/18500000'));
    const ofAsset = (asset: string) => transfers.filter(transfer => transfer.asset === asset).length;
    expect([ofAsset('USDT'), ofAsset('USDC'), ofAsset('DAI')]).toEqual([15, 4, 1]);
    expect(transfers[0]).toEqual({
      txId: '0xb3fb7ac99ecd6a981a08d94665d08b8303e6b907c33c6562b8226f2ee64e15c5',
      asset: 'USDT',
      from: '0x88bf20ad795636cc85b55fb85e29458884e7385a',
      to: '0x4e68ccd3e89f51c3074ca5072bbac773960dfa36',
      units: 1500_000000n,
      ordinal: 0,
      block: {
        height: 18500000,
        hash: '0x80ce6bb0e244fbdf66cf0a1108273fe1ca58788efb7fb8d3a0d783d2b06d433d',
        time: 1699116959_000,
      },
    });
    expect(transfers.find(transfer => transfer.asset === 'DAI')?.units).toBe(5n * 10n ** 17n);
  });

  test('Ethereum 18500000: one transaction that moves the same sum through two wallets is two transfers', async () => {
    const transfers = await readRecorded(networks['ERC-20'], recordedBlock('evm/ethereum/18500000'));
    const moves = transfers.filter(({ txId }) => txId.startsWith('0xc64649541216'));
    expect(
      moves.map(({ from, to, units, ordinal }) => [from.slice(0, 6), to.slice(0, 6), units, ordinal]),
    ).toEqual([
      ['0xcb8f', '0x3b92', 1000_000000n, 0],
      ['0x3b92', '0x2008', 1000_000000n, 0],
    ]);
  });

  test('Polygon 50000000: an address-poisoning batch of 13 zero-value USDT transfers pays nobody', async () => {
    const recorded = recordedBlock('evm/polygon/50000000');
    const [usdt] = networks.POLYGON.tokens;
    const poison = recorded.logs.filter(log => log.address === usdt!.contract && log.topics.length === 3);
    expect(poison.filter(log => log.topics[0] === transferTopic && BigInt(log.data) === 0n)).toHaveLength(13);
    const transfers = await readRecorded(networks.POLYGON, recorded);
    expect(transfers.map(({ asset }) => asset)).toEqual([...Array(4).fill('USDT'), ...Array(6).fill('DAI')]);
    expect(transfers.filter(({ txId }) => txId.startsWith('0x33bf1600'))).toEqual([]);
  });

  test('Arbitrum 150000000: a block with a system transaction, 4 USDT and 4 USDC transfers', async () => {
    const transfers = await readRecorded(networks.ARBITRUM, recordedBlock('evm/arbitrum/150000000'));
    expect(transfers.map(({ asset, units }) => `${asset} ${units}`)).toEqual([
      'USDT 13041188336',
      'USDT 13041188336',
      'USDC 13045941762',
      'USDT 13041188336',
      'USDC 13045941762',
      'USDC 13045941762',
      'USDC 13045941762',
      'USDT 10371883518',
    ]);
  });

  test('BNB Smart Chain: amounts of 18 decimals stay exact, approvals are no transfers', async () => {
    const logs = recordedJson('evm/bsc/eth_getLogs_BUSD.json').result as RawLog[];
    const busd = { asset: 'USDT' as const, contract: logs[0]!.address, decimals: 18 };
    const network = { ...networks['BEP-20'], tokens: [busd] };
    const { blockNumber: number, blockHash: hash } = logs[0]!;
    // Made: the header, of which only number and hash were recorded.
    const header = { number, hash, parentHash: madeHash('before BUSD'), timestamp: '0x63a00000' };
    const transfers = await readRecorded(network, { header, logs });
    expect(transfers).toHaveLength(logs.filter(log => log.topics[0] === transferTopic).length);
    expect(transfers[0]?.units).toBe(298_288547486664359936n);
    expect(transfers[1]?.units).toBe(0xbae5f766342dbfbedn);
  });
});
