/**
 * One broken value anywhere in one answer of a provider. Either the reading is refused, or it is as if nothing were broken;
 * what else one provider can change by one value is listed here, and is what the second reading is for.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { garble } from '../../../test/garble.ts';
import { LyingProvider } from '../../../test/lying-provider.ts';
import {
  addGenesis,
  madeParent,
  mine,
  recordedBlock,
  recordedTronBlock,
  transferTopic,
} from '../../../test/recorded-chain.ts';
import { keyIn, tronNetwork, tronReplay } from '../../../test/recorded-tron.ts';
import { type RawTransaction, ReplayRpc } from '../../../test/replay-rpc.ts';
import { Chance } from '../../../test/seeded.ts';
import { TronHttpFace } from '../../../test/tron-http-face.ts';
import { type Network, networks } from '../domain/asset.ts';
import { type Chain, ChainError, type Watched } from './chain.ts';
import { openChain } from './registry.ts';

const SEEDS = 120;
const signal = new AbortController().signal;

/** One question to the provider, and its answer. */
type Question = { asked: string; answer: unknown };

type Setup = {
  chain: Chain;
  replay: ReplayRpc;
  watched: Watched;
  /** Looked up beside the reading. */
  txIds: string[];
  /** Hears of every question; what it answers is what the provider says instead. */
  hear: (change: (question: Question) => unknown) => void;
  close: () => Promise<void>;
};

/** Two blocks are made on top of what is recorded, or so many more that it is searched as one range. */
async function openEvm(row: Network, folder: string, above: number): Promise<Setup> {
  const network: Network = { ...row, finality: { by: 'tag', depth: 2 } };
  const replay = await ReplayRpc.start();
  replay.chainId = row.chainId;
  const block = recordedBlock(folder);
  addGenesis(replay);
  replay.add({ header: madeParent(block.header), logs: [] });
  replay.add(block);
  mine(replay, above);
  if (above > 2) replay.finalized = Number(replay.tip.header.number) - 2;
  const contracts = network.tokens.map(token => token.contract);
  const moves = block.logs.filter(
    ({ address, topics, data }) =>
      topics[0] === transferTopic && topics.length === 3 && contracts.includes(address) && BigInt(data) > 0n,
  );
  const failed = block.receipts!.filter(({ status }) => status === '0x0').map(one => one.transactionHash);
  const paid = (block.header.transactions as RawTransaction[])
    .filter(({ hash, to, value }) => to && BigInt(value) > 0n && !failed.includes(hash))
    .slice(0, 3);
  const liar = await LyingProvider.open(replay.url);
  return {
    chain: openChain(network, { url: liar.url }),
    replay,
    watched: {
      tokens: network.tokens,
      recipients: [...new Set(moves.map(log => `0x${log.topics[2]!.slice(-40)}`))].slice(0, 4),
      native: [...new Set(paid.map(({ to }) => to!))],
    },
    txIds: [moves[0]!.transactionHash, ...paid.slice(0, 1).map(({ hash }) => hash)],
    hear: change => hearRpc(liar, change),
    close: async () => {
      await liar.close();
      await replay.close();
    },
  };
}

const hearRpc = (liar: LyingProvider, change: (question: Question) => unknown) =>
  liar.tell({
    answer: ({ method, params }, answer) => ({
      result: change({ asked: `${method} ${JSON.stringify(params)}`, answer }),
    }),
  });

async function openTron(kind: 'json-rpc' | 'tron-http'): Promise<Setup> {
  const block = recordedTronBlock();
  const replay = await tronReplay([block]);
  mine(replay, 2);
  const face = await TronHttpFace.open(replay.url, tronNetwork.chainId);
  const sent = block.sent!.filter(({ contract }) => contract === 'TransferContract').slice(0, 2);
  const recipients = block.logs.slice(0, 3).map(log => keyIn(log.topics[2]));
  const txIds = [block.logs[0]!.transactionHash.slice(2)];
  const { tokens } = tronNetwork;
  if (kind === 'tron-http')
    return {
      chain: openChain(tronNetwork, { url: face.url, kind }),
      replay,
      watched: { tokens, recipients, native: sent.map(({ to }) => `41${to!.slice(2)}`) },
      txIds: [...txIds, sent[0]!.hash.slice(2)],
      hear: change => {
        face.lie = async (path, body) => {
          const answer = await face.honest(path, body);
          const changed = change({ asked: `${path} ${JSON.stringify(body)}`, answer });
          // Null and numbers stand for a status of HTTP there.
          return typeof changed === 'object' && changed !== null ? changed : '';
        };
      },
      close: async () => {
        await face.close();
        await replay.close();
      },
    };
  const liar = await LyingProvider.open(`${face.url}/jsonrpc`);
  return {
    chain: openChain(tronNetwork, { url: liar.url }),
    replay,
    // TRX is asked of the HTTP API beside it, which is not there.
    watched: { tokens, recipients, native: [] },
    txIds,
    hear: change => hearRpc(liar, change),
    close: async () => {
      await liar.close();
      await face.close();
      await replay.close();
    },
  };
}

/** Everything that is read of a chain: the payments after `start`, and single transactions. */
async function readThem({ chain, replay, watched, txIds }: Setup) {
  const [, start] = [...replay.blocks.keys()].sort((a, b) => a - b);
  const after = { height: start!, hash: replay.blocks.get(start!)!.header.hash };
  const head = await chain.head(signal);
  const reading = await chain.read({ after, head, limit: 10 }, watched, signal);
  const reports = [];
  for (const txId of txIds) reports.push(await chain.transaction(txId, signal));
  // Whoever hears this looks how far the chain is the one that was read.
  if (reading.kind !== 'read') throw new ChainError('another chain', { retryable: true });
  const { transfers } = reading;
  return JSON.stringify({ transfers, reports }, (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
}

/** What one value of one provider can change: an amount, a time, an order, or that something is not shown. */
const evmAlone = [
  /^eth_getBlockByNumber \.timestamp$/,
  /^eth_getLogs ($|\.#$|\.#\.(data|topics|logIndex)$)/,
  /^eth_getBlockBy(Number|Hash) \.transactions\.#\.(from|to|value)$/,
  /^eth_getTransactionReceipt \.status$/,
  /^eth_getTransactionByHash \.(from|to|value)$/,
];
const families: [string, () => Promise<Setup>, RegExp[]][] = [
  ['Ethereum, block by block', () => openEvm(networks['ERC-20'], 'evm/ethereum/18500000', 2), evmAlone],
  ['Polygon, by range', () => openEvm(networks.POLYGON, 'evm/polygon/50000000', 24), evmAlone],
  ['Arbitrum, by range', () => openEvm(networks.ARBITRUM, 'evm/arbitrum/150000000', 24), evmAlone],
  // MADE headers of Tron have no ids of transactions to hold a log against.
  [
    'Tron',
    () => openTron('json-rpc'),
    [...evmAlone, /^eth_getLogs \.#\.transactionHash$/, /^eth_getTransactionReceipt ($|\.)/],
  ],
  ['Tron, by the HTTP API', () => openTron('tron-http'), [/^\//]],
];

describe.each(families)('%s', (_, open, alone) => {
  let setup: Setup;
  let honest: string;
  const questions: Question[] = [];

  beforeAll(async () => {
    setup = await open();
    setup.hear(question => {
      questions.push(question);
      return question.answer;
    });
    honest = await readThem(setup);
    questions.sort((a, b) => (a.asked < b.asked ? -1 : 1));
  });
  afterAll(() => setup?.close());

  test('one broken value is refused, changes nothing, or is of those that one provider alone can change', async () => {
    const near = [...setup.txIds, ...setup.watched.recipients, ...setup.watched.native].map(one =>
      one.slice(2),
    );
    const outcomes = { refused: 0, same: 0 };
    const wrong: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const chance = new Chance(seed);
      const { asked, answer } = chance.pick(questions);
      const { value, where } = garble(answer, chance, near);
      setup.hear(question => (question.asked === asked ? value : question.answer));
      const broken = `${asked.split(' ')[0]} ${where}`;
      const read = await readThem(setup).catch((error: unknown) => error);
      if (read === honest) outcomes.same++;
      else if (read instanceof ChainError) outcomes.refused++;
      else if (read instanceof Error || !alone.some(one => one.test(broken)))
        wrong.push(`seed ${seed}: ${broken} broken, and ${read instanceof Error ? read.stack : 'believed'}`);
    }
    expect(wrong).toEqual([]);
    expect(outcomes.refused).toBeGreaterThan(SEEDS / 5);
    expect(outcomes.same).toBeGreaterThan(0);
  });
});
