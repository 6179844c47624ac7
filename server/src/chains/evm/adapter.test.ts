import { afterAll, describe, expect, test } from 'vitest';
import { chainConformance } from '../../../../test/chain-conformance.ts';
import type { KnownTransfer } from '../../../../test/chain-fixture.ts';
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
import {
  type RawBlock,
  type RawLog,
  type RawTransaction,
  ReplayRpc,
  type Sent,
} from '../../../../test/replay-rpc.ts';
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

/** What the recorded transactions send of the network's own coin, worked out without the adapter. */
function sentIn({ header, receipts }: RawBlock, { native }: Network): KnownTransfer[] {
  const failed = receipts!.filter(({ status }) => status === '0x0').map(one => one.transactionHash);
  return (header.transactions as RawTransaction[])
    .filter(({ hash, to, value }) => to !== null && BigInt(value) > 0n && !failed.includes(hash))
    .map(({ hash: txId, from, to, value }) => {
      const height = Number(header.number);
      return { txId, asset: native.asset, from, to: to!, units: BigInt(value), ordinal: 0, height };
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
  // Made: in the recorded blocks everything that has a value has a receiver and succeeded.
  const sent = (words: string, more: Partial<Sent> = {}): Sent => ({
    hash: madeHash(words),
    from,
    to,
    value: 9n,
    ...more,
  });
  const [paid, undone, created] = [
    sent('a plain payment'),
    sent('a payment that was undone', { failed: true }),
    sent('the creation of a contract', { to: null }),
  ];
  replay.balances.set(to, 12n);
  mine(replay, 24, {
    sent: index => (index === 2 ? [undone, created, sent('nothing', { value: 0n }), paid] : []),
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
  const own = sentIn(recorded, polygon);
  const transfers = [
    ...own,
    ...paymentsIn(recorded.logs, polygon),
    ...paymentsIn(copy.logs, polygon),
    { txId: paid.hash, asset: 'POL' as const, from, to, units: 9n, ordinal: 0, height },
    { ...equal, ordinal: 0 },
    { ...equal, ordinal: 1 },
  ];
  const paying = new Set(transfers.map(transfer => transfer.txId));
  const moves = recorded.logs.filter(log => log.topics[0] === transferTopic && log.topics.length === 3);
  const listed = (log: RawLog) => polygon.tokens.some(token => token.contract === log.address);
  return {
    network: polygon,
    chain: evm.open({ url: replay.url }, polygon),
    watched: {
      tokens: polygon.tokens,
      recipients: [...recipientsIn(recorded.logs), to],
      native: [...own.map(one => one.to), to],
    },
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
      { kind: 'no receiver', txId: created.hash },
      { kind: 'failed with value', txId: undone.hash },
      decoy(
        'ERC-721',
        recorded.logs.filter(log => log.topics[0] === transferTopic && log.topics.length === 4),
        paying,
      ),
      ...failedTransactions('evm/polygon/50000000').map(txId => ({ kind: 'failed', txId })),
    ],
    held: { key: to, units: 12n },
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
async function readRecorded(network: Network, recorded: RawBlock, native: string[] = []) {
  const replay = await replayOf(network, recorded);
  const chain = evm.open({ url: replay.url }, network);
  const head = { ...(await chain.head(signal)), final: -1 };
  const after = { height: head.tip.height - 1, hash: head.tip.parent };
  const watched = { tokens: network.tokens, recipients: recipientsIn(recorded.logs), native };
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
      const native = transfers.filter(({ asset }) => asset === network.native.asset);
      expect(native).toEqual(sentIn(recorded, network));
      expect(transfers.filter(one => !native.includes(one))).toEqual(paymentsIn(recorded.logs, network));
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

describe('the own coin in recorded mainnet blocks', () => {
  test.each([
    ['Ethereum', networks['ERC-20'], 'evm/ethereum/18500000', 83],
    ['Polygon', networks.POLYGON, 'evm/polygon/50000000', 20],
    ['Arbitrum', networks.ARBITRUM, 'evm/arbitrum/150000000', 1],
  ])(
    '%s: what its transactions send, each once, beside what is in logs',
    async (_, network, folder, count) => {
      const recorded = recordedBlock(folder);
      const sent = sentIn(recorded, network);
      expect(sent).toHaveLength(count);
      const transfers = await readRecorded(
        network,
        recorded,
        sent.map(({ to }) => to),
      );
      const own = transfers.filter(({ asset }) => asset === network.native.asset);
      expect(own.map(({ block, ...rest }) => ({ ...rest, height: block.height }))).toEqual(sent);
      expect(transfers).toHaveLength(sent.length + paymentsIn(recorded.logs, network).length);
    },
  );

  test('Polygon logs every move of POL as well, which is not read a second time', async () => {
    const recorded = recordedBlock('evm/polygon/50000000');
    const moves = recorded.logs.filter(({ address }) => address === `0x${'0'.repeat(36)}1010`);
    expect(moves).toHaveLength(595);
    const busiest = '0xdb414fe5a6ae09f4b58df1e5615c38c4bee10a84';
    const transfers = await readRecorded(networks.POLYGON, recorded, [busiest]);
    expect(transfers.filter(({ asset }) => asset === 'POL').map(({ units }) => units / 10n ** 18n)).toEqual([
      10n,
      10n,
      10n,
      50n,
      25n,
      50n,
      10n,
      50n,
    ]);
  });

  test("Arbitrum's own transaction of a block (0x6a) pays nobody", async () => {
    const recorded = recordedBlock('evm/arbitrum/150000000');
    const system = (recorded.header.transactions as RawTransaction[]).find(({ type }) => type === '0x6a');
    const transfers = await readRecorded(networks.ARBITRUM, recorded, [system!.to!]);
    expect(transfers.filter(({ asset }) => asset === 'ETH')).toEqual([]);
  });

  test('a header of no transactions has none, and its root says so', async () => {
    const { result: header } = recordedJson('evm/bsc/eth_getBlockByNumber.json');
    const wallet = '0x00000000000000000000000000000000000a0002';
    expect(await readRecorded(networks['BEP-20'], { header, logs: [], receipts: [] }, [wallet])).toEqual([]);
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
