/** A live chain that forks as it is told: payments vanish, move to other blocks, or are replaced by others. */
import { rpc, rpcAccounts, rpcBlock, rpcHex } from '../../server/src/dev/rpc.ts';
import { word } from '../../server/src/dev/test-tokens.ts';
import { type LiveChain, mine, pay } from '../e2e/live-chain.ts';
import type { Chance } from '../seeded.ts';
import { logsTo, TRANSFER } from './traffic.ts';

/** A payment as it was signed: it can be put into any block, as long as its payer has sent nothing else in its place. */
export type Signed = { payer: string; nonce: number; units: bigint; raw: string; hash: string };

/** What becomes of a payment whose block is replaced; parts of all. */
const fates = { stays: 20, moves: 40, vanishes: 25, replaced: 15 } as const;
export type Fate = keyof typeof fates;

export class ForkingChain {
  readonly live: LiveChain;
  readonly wallet: string;
  readonly #chance: Chance;
  readonly #payers: readonly string[];
  readonly #signed = new Map<string, Signed>();
  /** What became of the payments of all forks. */
  readonly fates = new Map<Fate | 'came back', number>();

  private constructor(live: LiveChain, wallet: string, of: { chance: Chance; payers: readonly string[] }) {
    [this.live, this.wallet, this.#chance, this.#payers] = [live, wallet, of.chance, of.payers];
  }

  /** Gives every payer something to pay with, out of reach of any fork. */
  static async open(live: LiveChain, wallet: string, chance: Chance): Promise<ForkingChain> {
    const payers = await rpcAccounts(live.rpcUrl);
    for (const payer of payers.slice(1)) await pay(live, payer, 10n ** 15n);
    await rpc(live.rpcUrl, 'evm_setAutomine', false);
    await mine(live, 100);
    return new ForkingChain(live, wallet, { chance, payers });
  }

  tip() {
    return rpcBlock(this.live.rpcUrl, 'latest');
  }

  /** Every transfer to the wallet that is on the chain now, from a block on. */
  async transfers(from = 0) {
    const { height } = await this.tip();
    const logs = await logsTo(this.live, this.wallet, { from, through: height });
    return logs.map(({ transactionHash: hash, data, blockNumber, blockHash }) => ({
      ...{ hash, blockHash },
      units: BigInt(data),
      height: Number(blockNumber),
    }));
  }

  /** Signs a payment by any payer and sends it; it is in the next block. */
  async pay(units: bigint): Promise<void> {
    const payer = this.#chance.pick(this.#payers);
    const nonce = Number(await rpcHex(this.live.rpcUrl, 'eth_getTransactionCount', payer, 'pending'));
    await this.#send(await this.#sign({ payer, nonce, units }));
  }

  async #send({ raw }: Signed): Promise<void> {
    await rpc(this.live.rpcUrl, 'eth_sendRawTransaction', raw);
  }

  async #sign({ payer, nonce, units }: Pick<Signed, 'payer' | 'nonce' | 'units'>): Promise<Signed> {
    const { rpcUrl, network } = this.live;
    const raw = await rpcHex(rpcUrl, 'eth_signTransaction', {
      from: payer,
      to: network.tokens[0]?.contract,
      data: TRANSFER + word(BigInt(this.wallet)) + word(units),
      ...{ value: '0x0', gas: '0x30d40', nonce: hex(nonce), chainId: hex(network.chainId) },
      ...{ type: '0x2', maxFeePerGas: hex(10 ** 11), maxPriorityFeePerGas: '0x1' },
    });
    const signed = { payer, nonce, units, raw, hash: await rpcHex(rpcUrl, 'web3_sha3', raw) };
    this.#signed.set(signed.hash, signed);
    return signed;
  }

  /** Replaces the newest `depth` blocks; `fate`: of every payment in them. Answers their hashes. */
  async fork(depth: number, fate?: Fate): Promise<string[]> {
    const tip = await this.tip();
    const first = tip.height - depth + 1;
    const lost = await this.transfers(first);
    const placed: { raw: string; offset: number }[] = [];
    for (const payer of this.#payers) {
      const own = lost.flatMap(({ hash, height }) => {
        const signed = this.#signed.get(hash);
        return signed?.payer === payer ? [{ signed, offset: height - first }] : [];
      });
      own.sort((a, b) => a.signed.nonce - b.signed.nonce);
      placed.push(...(await this.#decide(own, { depth, fate })));
    }
    placed.sort((a, b) => a.offset - b.offset);
    const blocks = placed.map(({ raw, offset }) => [raw, offset]);
    await rpc(this.live.rpcUrl, 'anvil_reorg', depth, blocks);
    return lost.map(({ hash }) => hash);
  }

  /** Of the payments of one payer: once one is gone, those after it cannot be on the chain. */
  async #decide(
    own: readonly { signed: Signed; offset: number }[],
    { depth, fate: given }: { depth: number; fate: Fate | undefined },
  ) {
    const placed: { raw: string; offset: number }[] = [];
    let earliest = 0;
    let isCut = false;
    for (const { signed, offset } of own) {
      const fate = isCut ? 'vanishes' : (given ?? this.#chance.weighted(fates));
      this.#count(fate);
      if (fate === 'vanishes') isCut = true;
      if (isCut) continue;
      earliest = fate === 'stays' ? Math.max(earliest, offset) : this.#chance.between(earliest, depth - 1);
      const { raw } =
        fate === 'replaced' ? await this.#sign({ ...signed, units: signed.units + 1n }) : signed;
      placed.push({ raw, offset: earliest });
    }
    return placed;
  }

  /** Sends some of the payments that had vanished once more, where their payer has sent nothing else since. */
  async bringBack(probability: number): Promise<void> {
    const onChain = new Set((await this.transfers()).map(({ hash }) => hash));
    for (const payer of this.#payers) {
      if (!this.#chance.happens(probability)) continue;
      const nonce = Number(await rpcHex(this.live.rpcUrl, 'eth_getTransactionCount', payer, 'latest'));
      const waiting = [...this.#signed.values()].filter(one => one.payer === payer && one.nonce === nonce);
      const again = waiting.find(({ hash }) => !onChain.has(hash));
      if (!again) continue;
      await this.#send(again);
      this.#count('came back');
    }
  }

  #count(what: Fate | 'came back'): void {
    this.fates.set(what, (this.fates.get(what) ?? 0) + 1);
  }
}

const hex = (n: number) => `0x${n.toString(16)}`;
