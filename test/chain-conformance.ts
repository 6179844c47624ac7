/**
 * The law every chain family keeps, as tests: asked with the same position, head and watched set, a chain that ends a
 * reading at the same block gives the same answer, in whatever pieces and by whatever way it reads. Run on recorded
 * answers and on live local chains; a new family passes it or is not one.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Block, ChainTransfer, Head, Position, Reading } from '../server/src/chains/chain.ts';
import { ChainError } from '../server/src/chains/chain.ts';
import { identityFaults } from '../server/src/chains/identity.ts';
import type { ChainFixture, KnownTransfer } from './chain-fixture.ts';

const signal = new AbortController().signal;

type Read = Extract<Reading, { kind: 'read' }>;

async function readOnce(
  fixture: ChainFixture,
  range: { after: Position; head: Head; limit: number },
  watched = fixture.watched,
): Promise<Read> {
  const reading = await fixture.chain.read(range, watched, signal);
  if (reading.kind !== 'read') throw new Error('the chain diverged');
  return reading;
}

/** Reads from `after` to the head in pieces, and proves of each that it keeps within its bounds. */
async function readAll(
  fixture: ChainFixture,
  after: Position,
  head: Head,
  limit: number,
  watched = fixture.watched,
) {
  const transfers: ChainTransfer[] = [];
  const blocks: Block[] = [];
  let through: Position = after;
  while (through.height < head.tip.height) {
    const piece = await readOnce(fixture, { after: through, head, limit }, watched);
    expect(piece.through.height).toBeGreaterThan(through.height);
    expect(piece.through.height).toBeLessThanOrEqual(Math.min(through.height + limit, head.tip.height));
    expect(piece.blocks.at(-1)).toEqual(piece.through);
    for (const transfer of piece.transfers) {
      expect(transfer.block.height).toBeGreaterThan(through.height);
      expect(transfer.block.height).toBeLessThanOrEqual(piece.through.height);
    }
    transfers.push(...piece.transfers);
    blocks.push(...piece.blocks);
    through = piece.through;
  }
  return { transfers, blocks, through };
}

function isWatched({ network, watched }: ChainFixture, { asset, to }: ChainTransfer): boolean {
  if (asset === network.native.asset) return watched.native.includes(to);
  return watched.tokens.some(token => token.asset === asset) && watched.recipients.includes(to);
}

const known = (transfer: ChainTransfer): KnownTransfer => {
  const { block, ...rest } = transfer;
  return { ...rest, height: block.height };
};

export function chainConformance(family: { name: string; open: () => Promise<ChainFixture> }) {
  describe(`${family.name} keeps the law of chains`, () => {
    let fixture: ChainFixture;
    let head: Head;
    beforeAll(async () => {
      fixture = await family.open();
      head = await fixture.chain.head(signal);
    });
    afterAll(() => fixture?.close());

    /** The same blocks seen as all final, as the chain says, and as not final at all: both ways of reading. */
    const heads = (): Head[] => [{ ...head, final: head.tip.height }, head, { ...head, final: -1 }];

    test('it is the chain of its row', async () => {
      const identity = await fixture.chain.identity(signal);
      expect(identityFaults(identity, fixture.network)).toEqual([]);
      const first = (await fixture.chain.block(0, signal))?.hash;
      expect(fixture.network.onDemand ? [first] : [first, null]).toContain(identity.genesis);
      expect(identityFaults({ ...identity, chainId: 5 }, fixture.network)).toHaveLength(1);
      const [token, ...others] = fixture.network.tokens;
      const wrong = { ...fixture.network, tokens: [{ ...token!, decimals: 9 }, ...others] };
      expect(identityFaults(identity, wrong)).toHaveLength(1);
    });

    test('its head is a block it has, with final blocks at or below it', async () => {
      expect(await fixture.chain.block(head.tip.height, signal)).toEqual(head.tip);
      expect(await fixture.chain.block(head.tip.height + 1000, signal)).toBeNull();
      expect(head.final).toBeLessThanOrEqual(head.tip.height);
      expect(head.final).toBeGreaterThan(fixture.start.height);
    });

    test('it finds every transfer, decoded, in order', async () => {
      for (const view of heads()) {
        const { transfers } = await readAll(fixture, fixture.start, view, 1000);
        expect(transfers.map(known)).toEqual(fixture.transfers);
      }
      expect(new Set(fixture.transfers.map(transfer => transfer.height)).size).toBeGreaterThanOrEqual(3);
      expect(fixture.transfers.some(transfer => transfer.ordinal === 1)).toBe(true);
    });

    test('a transfer carries the block it is in', async () => {
      const { transfers } = await readAll(fixture, fixture.start, head, 1000);
      for (const { block } of transfers.slice(0, 5)) {
        const own = await fixture.chain.block(block.height, signal);
        expect(block).toEqual({ height: own?.height, hash: own?.hash, time: own?.time });
        expect(new Date(block.time).getUTCFullYear()).toBeGreaterThanOrEqual(2015);
        expect(new Date(block.time).getUTCFullYear()).toBeLessThan(2100);
      }
    });

    test('what pays nobody is passed over', async () => {
      for (const view of heads()) {
        const { transfers } = await readAll(fixture, fixture.start, view, 1000);
        const paying = new Set(transfers.map(transfer => transfer.txId));
        for (const { kind, txId } of fixture.decoys) expect(paying.has(txId), kind).toBe(false);
      }
      const kinds = fixture.decoys.map(decoy => decoy.kind);
      const needed = ['wrong contract', 'nothing moved', 'ERC-721', 'no receiver', 'failed with value'];
      expect(kinds).toEqual(expect.arrayContaining(needed));
    });

    test('the own coin of the network is found for those it is watched for alone', async () => {
      const { asset } = fixture.network.native;
      const own = fixture.transfers.filter(transfer => transfer.asset === asset);
      const [one] = own;
      for (const view of heads()) {
        const none = await readAll(fixture, fixture.start, view, 1000, { ...fixture.watched, native: [] });
        expect(none.transfers.map(known)).toEqual(fixture.transfers.filter(one => !own.includes(one)));
        const onlyOwn = { tokens: [], recipients: [], native: [one!.to] };
        const { transfers } = await readAll(fixture, fixture.start, view, 1000, onlyOwn);
        expect(transfers.map(known)).toEqual(own.filter(({ to }) => to === one!.to));
      }
    });

    test('what an address holds is told as of a final block', async () => {
      const { key, units } = fixture.held;
      const at = await fixture.chain.block(head.final, signal);
      expect(await fixture.chain.balance(key, at!, signal)).toEqual({ units, height: head.final });
    });

    test.each([1, 2, 3, 7])('pieces of %i blocks give the same answer as the whole', async limit => {
      for (const view of heads()) {
        const whole = await readAll(fixture, fixture.start, view, 1000);
        const pieces = await readAll(fixture, fixture.start, view, limit);
        expect(pieces.transfers).toEqual(whole.transfers);
        expect(pieces.through).toEqual(whole.through);
        expect(pieces.through).toEqual(view.tip);
      }
    });

    test('the same question has the same answer', async () => {
      const range = { after: fixture.start, head, limit: 5 };
      expect(await readOnce(fixture, range)).toEqual(await readOnce(fixture, range));
    });

    test('it gives every header from the final block on, each the parent of the next', async () => {
      const { blocks } = await readAll(fixture, fixture.start, head, 4);
      const first = Math.max(head.final, fixture.start.height + 1);
      const young = blocks.filter(block => block.height >= first);
      const heights = Array.from({ length: head.tip.height - first + 1 }, (_, i) => first + i);
      expect(young.map(block => block.height)).toEqual(heights);
      for (const [index, block] of young.entries())
        if (index > 0) expect(block.parent).toBe(young[index - 1]!.hash);
    });

    test('it never reads beyond the head it is given', async () => {
      const older = await fixture.chain.block(head.tip.height - 3, signal);
      const view = { tip: older!, final: Math.min(head.final, older!.height) };
      const { through, transfers } = await readAll(fixture, fixture.start, view, 1000);
      expect(through).toEqual(older);
      expect(transfers.map(known)).toEqual(
        fixture.transfers.filter(transfer => transfer.height <= older!.height),
      );
    });

    test('a transaction looked up has the very transfers that a reading has', async () => {
      const { transfers } = await readAll(fixture, fixture.start, head, 1000);
      for (const txId of new Set(transfers.map(transfer => transfer.txId))) {
        const report = await fixture.chain.transaction(txId, signal);
        if (report.kind !== 'found') throw new Error(`${txId} is ${report.kind}`);
        const own = transfers.filter(transfer => transfer.txId === txId);
        expect(report.transfers.filter(one => isWatched(fixture, one))).toEqual(own);
        expect(report.block).toEqual(own[0]?.block);
        for (const transfer of report.transfers) {
          expect(transfer).toMatchObject({ txId, block: report.block });
          expect(transfer.units).toBeGreaterThan(0n);
        }
      }
    });

    test('a transaction that pays nobody is found without transfers, or has failed', async () => {
      for (const { kind, txId } of fixture.decoys) {
        const report = await fixture.chain.transaction(txId, signal);
        if (report.kind === 'unknown') throw new Error(`${kind} is unknown`);
        const { block } = report;
        const own = await fixture.chain.block(block.height, signal);
        expect(block).toEqual({ height: own?.height, hash: own?.hash, time: own?.time });
        const transfers =
          report.kind === 'found' ? report.transfers.filter(one => isWatched(fixture, one)) : [];
        expect([report.kind, transfers], kind).toEqual([kind.startsWith('failed') ? 'failed' : 'found', []]);
      }
    });

    test('a transaction nobody sent is unknown', async () => {
      const never = fixture.transfers[0]!.txId.replace(/[0-9a-f]{16}$/, '0123456789abcdef');
      expect(await fixture.chain.transaction(never, signal)).toEqual({ kind: 'unknown' });
    });

    test('at the head there is nothing more to read', async () => {
      const reading = await readOnce(fixture, { after: head.tip, head, limit: 10 });
      expect(reading).toEqual({ kind: 'read', through: head.tip, blocks: [], transfers: [] });
    });

    test('it finds what goes to the recipients and tokens asked for, and nothing else', async () => {
      const one = fixture.transfers.find(({ asset }) => asset !== fixture.network.native.asset);
      const token = fixture.watched.tokens.filter(row => row.asset === one!.asset);
      const own = fixture.transfers.filter(
        transfer => transfer.to === one!.to && transfer.asset === one!.asset,
      );
      const limit = one!.height - fixture.start.height;
      for (const view of heads()) {
        const range = { after: fixture.start, head: view, limit };
        const narrow = await readOnce(fixture, range, {
          tokens: token,
          recipients: [one!.to, one!.to],
          native: [],
        });
        expect(narrow.transfers.map(known)).toEqual(own.filter(({ height }) => height <= one!.height));
        for (const nobody of [
          { tokens: [], recipients: [one!.to], native: [] },
          { tokens: token, recipients: [], native: [] },
        ]) {
          const empty = await readOnce(fixture, range, nobody);
          expect(empty).toEqual({ ...narrow, transfers: [] });
        }
      }
    });

    test('a position that was never on the chain has diverged', async () => {
      for (const view of heads()) {
        const foreign = { height: fixture.start.height, hash: head.tip.hash };
        const range = { after: foreign, head: view, limit: 3 };
        expect(await fixture.chain.read(range, fixture.watched, signal)).toEqual({ kind: 'diverged' });
      }
    });

    test('a provider behind the position says nothing about it', async () => {
      const ahead = { height: head.tip.height + 5, hash: head.tip.hash };
      const range = { after: ahead, head, limit: 3 };
      const refused = await fixture.chain.read(range, fixture.watched, signal).catch(error => error);
      expect(refused).toBeInstanceOf(ChainError);
      expect(refused.retryable).toBe(true);
    });

    test('after a reorganisation the old position has diverged and the common one reads on', async () => {
      const before = await fixture.chain.head(signal);
      const common = await fixture.chain.block(before.tip.height - 4, signal);
      await fixture.reorganise(4);
      const after = await fixture.chain.head(signal);
      expect(after.tip.hash).not.toBe(before.tip.hash);
      const stale = { after: before.tip, head: after, limit: 3 };
      expect(await fixture.chain.read(stale, fixture.watched, signal)).toEqual({ kind: 'diverged' });
      expect(await fixture.chain.block(common!.height, signal)).toEqual(common);
      const { transfers, through } = await readAll(fixture, common!, after, 1000);
      expect(transfers).toEqual([]);
      expect(through).toEqual(after.tip);
    });

    test('a transaction is unknown until a block has it, and again when that block is undone', async () => {
      const before = await fixture.chain.head(signal);
      const { txId, include } = await fixture.submit();
      expect(await fixture.chain.transaction(txId, signal)).toEqual({ kind: 'unknown' });
      await include();
      const range = { after: before.tip, head: await fixture.chain.head(signal), limit: 10 };
      const { transfers } = await readOnce(fixture, range);
      expect(transfers.map(transfer => transfer.txId)).toEqual([txId]);
      const { block } = transfers[0]!;
      expect(await fixture.chain.transaction(txId, signal)).toEqual({ kind: 'found', block, transfers });
      await fixture.reorganise(2);
      expect(await fixture.chain.transaction(txId, signal)).toEqual({ kind: 'unknown' });
    });
  });
}
