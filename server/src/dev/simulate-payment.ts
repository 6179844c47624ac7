/**
 * The test mode of the payment page: carries out what a developer tries on an invoice, by real transactions on its local
 * chain. No chain's clock is ever moved: what is tried about time moves the invoice's deadline.
 */
import type { Network, NetworkCode } from '../domain/asset.ts';
import type { Invoice, Method } from '../domain/invoice.ts';
import { restDue, sumOf } from '../domain/parts.ts';
import {
  type Simulate,
  type Simulation,
  type SimulationFault,
  simulationsFor,
} from '../domain/simulation.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import { type Db, transact } from '../store/db.ts';
import { deadlineBefore, moveDeadline } from '../store/dev-deadline.ts';
import { invoiceById } from '../store/invoices.ts';
import { partsOf } from '../store/part-payments.ts';
import { findHolders } from '../store/payments.ts';
import { restsOf } from '../store/remainders.ts';
import { payOnLocalChain } from './pay.ts';
import { receiptOf, rpc, rpcAccounts, rpcBlock } from './rpc.ts';
import { deployToken } from './test-tokens.ts';

type LocalNode = { network: Network; rpcUrl: string };
type Place = LocalNode & {
  /** Blocks up to this height were there before us; undoing them leaves accounts without their code (see anvil.ts). */
  oldest: number;
  isBusy: boolean;
};
type Places = ReadonlyMap<NetworkCode, Place>;
type Deps = { db: Db; clock: Clock; logger: Logger };
type Outcome = Result<string[], SimulationFault>;

/** Opens the test mode on local chains as they are now. Throws when one of them does not answer. */
export async function openSimulator(deps: Deps & { chains: readonly LocalNode[] }): Promise<Simulate> {
  const { chains, ...rest } = deps;
  const places = new Map<NetworkCode, Place>();
  for (const { network, rpcUrl } of chains) {
    const { height: oldest } = await rpcBlock(rpcUrl, 'latest');
    places.set(network.code, { network, rpcUrl, oldest, isBusy: false });
  }
  return command => simulate({ ...rest, places }, command);
}

async function simulate(
  deps: Deps & { places: Places },
  { invoiceId, action }: Parameters<Simulate>[0],
): Promise<Outcome> {
  const { db, clock, logger, places } = deps;
  const invoice = await invoiceById(db, invoiceId);
  if (!invoice || !isPossible(invoice, action, clock.now())) return fail('not_now');
  const { method } = invoice;
  if (!method) return expireUnchosen(deps, invoice);
  const place = places.get(method.network);
  if (!place) return fail('not_now');
  if (place.isBusy) return fail('busy');
  place.isBusy = true;
  try {
    const due = await dueNow(db, invoice, method);
    const outcome = await carryOut({ db, clock, place, invoice, method, due }, action);
    logger.info({ invoice: invoiceId, action, outcome }, 'test mode');
    return outcome;
  } catch (error) {
    logger.warn({ invoice: invoiceId, action, err: error }, 'test mode');
    return fail('failed');
  } finally {
    place.isBusy = false;
  }
}

/** How deep a payment is shows only when it is undone. */
function isPossible({ status, method, expireAt }: Invoice, action: Simulation, now: number): boolean {
  const standing = { status, hasMethod: method !== null, isOver: now >= expireAt, isFinal: false };
  return simulationsFor(standing).includes(action);
}

/** `due`: base units, of the rest where a part has come. */
type On = { db: Db; clock: Clock; place: Place; invoice: Invoice; method: Method; due: bigint };

async function dueNow(db: Db, { id, exception }: Invoice, method: Method): Promise<bigint> {
  if (exception !== 'underpaid') return method.final.units;
  const parts = (await partsOf(db, [id])).get(id) ?? [];
  const rests = (await restsOf(db, [id])).get(id) ?? [];
  return (parts.length > 0 && restDue(sumOf(parts), method, rests)?.units) || method.final.units;
}

async function carryOut(on: On, action: Simulation): Promise<Outcome> {
  const { due } = on;
  const one = 10n ** BigInt(on.method.final.scale);
  switch (action) {
    case 'exact':
      return ok([await pay(on, due)]);
    case 'twice':
      return ok([await pay(on, due), await pay(on, due)]);
    case 'less': {
      const less = due > 2n * one ? due - one : due / 2n;
      return ok([await pay(on, await unheld(on, less, -1n))]);
    }
    case 'more':
      return ok([await pay(on, await unheld(on, due + one, 1n))]);
    case 'late':
      await moveIntoPast(on);
      return ok([await pay(on, due)]);
    case 'wrong-token':
      return ok([await payWrongToken(on)]);
    case 'block':
      await mine(on.place);
      return ok([]);
    case 'reorg':
      return undo(on);
    case 'expire':
      return (await moveIntoPast(on)) ? ok([]) : fail('not_now');
  }
}

/** Sends base units of the invoice's own coin, or of `token`, and answers the transaction's id. */
async function pay({ place, method }: On, units: bigint, token = contractOf(place, method)): Promise<string> {
  const to = recipient(method);
  return idOf(place, await payOnLocalChain({ rpcUrl: place.rpcUrl, token, to, units }));
}

/** Null for the chain's own coin. */
function contractOf({ network }: Place, { asset }: Method): string | null {
  if (asset === network.native.asset) return null;
  const token = network.tokens.find(known => known.asset === asset);
  if (!token) throw new Error(`${asset} is not on the local ${network.code} chain`);
  return token.contract;
}

/** The wallet as 20 bytes of 0x hex, as the node behind the local Tron knows it too. */
const recipient = ({ addressKey }: Method): string => `0x${addressKey.slice(-40)}`;

/** As the API shows it: Tron's has no prefix. */
const idOf = ({ network }: Place, hash: string): string => (network.family === 'tron' ? hash.slice(2) : hash);

/** Amounts looked at, at most: two neighbours in base units are hardly ever both held. */
const CANDIDATES = 32;

/** The first amount from `units` on, by `step`, that no invoice of the wallet holds, since it would be paid by it. */
async function unheld({ db, method }: On, units: bigint, step: bigint): Promise<bigint> {
  const { network, addressKey, asset } = method;
  const all = Array.from({ length: CANDIDATES }, (_, n) => units + step * BigInt(n)).filter(n => n >= 0n);
  const amounts = all.map(n => ({ network, addressKey, asset, units: n.toString() }));
  const holders = await transact(db, tx => findHolders(tx, amounts));
  const free = all.find((_, index) => holders[index] === null);
  if (free === undefined) throw new Error('every amount near the one due is held by an invoice');
  return free;
}

/** Deploys the fake tokens: a sender of its own, or the test tokens would come to lie elsewhere. */
const COUNTERFEITER = '0x00000000000000000000000000000000000d0c0d';

/** Pays the amount due in a token that bears the name of the right one and is at another address. */
async function payWrongToken(on: On): Promise<string> {
  const { place, method } = on;
  const { asset: symbol, final } = method;
  const [holder] = await rpcAccounts(place.rpcUrl);
  const made = { name: `Test ${symbol}`, symbol, decimals: final.scale, supply: final.units, holder };
  const token = await deployToken(place.rpcUrl, { sender: COUNTERFEITER, ...made });
  return pay(on, final.units, token);
}

/** Adds one block, and answers its time in ms. */
async function mine({ rpcUrl }: Place): Promise<number> {
  await rpc(rpcUrl, 'evm_mine');
  return (await rpcBlock(rpcUrl, 'latest')).time * 1000;
}

/**
 * Moves the deadline so far back that it is over with its grace, by the clock and by the chain alike: no block after the
 * one mined here is in time. False when the invoice has no deadline to move any more.
 */
async function moveIntoPast({ db, clock, place, invoice }: On): Promise<boolean> {
  const time = Math.min(await mine(place), clock.now());
  return moveDeadline(db, {
    invoiceId: invoice.id,
    expireAt: deadlineBefore(time),
    local: [place.network.code],
  });
}

/** Where nothing was chosen, no chain has to be read past the deadline. */
async function expireUnchosen(
  { db, clock, places }: Deps & { places: Places },
  { id: invoiceId }: Invoice,
): Promise<Outcome> {
  const expireAt = deadlineBefore(clock.now());
  const moved = await moveDeadline(db, { invoiceId, expireAt, local: [...places.keys()] });
  return moved ? ok([]) : fail('not_now');
}

/** Blocks a payment must be short of being final to be undone: some may be mined while we look. */
const MARGIN = 2;
const ATTEMPTS = 3;

/**
 * Takes the invoice's payment off the chain, with all that came after it. A block that is mined between the look and the
 * deed leaves the payment where it is: then it is done again.
 */
async function undo({ place, invoice }: On): Promise<Outcome> {
  if (!invoice.seen) return fail('not_now');
  const { network, rpcUrl, oldest } = place;
  const id = invoice.seen.transactionId;
  const hash = network.family === 'tron' ? `0x${id}` : id;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if ((await rpc(rpcUrl, 'eth_getTransactionReceipt', hash)) === null) return ok([id]);
    const { blockNumber } = await receiptOf(rpcUrl, hash);
    const depth = (await rpcBlock(rpcUrl, 'latest')).height - blockNumber + 1;
    if (blockNumber <= oldest || depth > network.finality.depth - MARGIN) return fail('final');
    await rpc(rpcUrl, 'anvil_reorg', depth, []);
    // One block longer than before: a reader that stood at the old tip sees at once that this is another chain.
    await mine(place);
  }
  throw new Error(`transaction ${id} is still on the chain after ${ATTEMPTS} reorganisations`);
}
