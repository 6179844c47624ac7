/**
 * chain → balance_checks. What wallets of a native coin hold is held against the transfers that explain it. It settles
 * nothing and is no transfer: it calls a person, who looks where the rest came from.
 */
import { ChainError } from '../chains/chain.ts';
import type { Providers } from '../chains/failover.ts';
import type { Network } from '../domain/asset.ts';
import { leastUnexplained, surplus } from '../domain/balance.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import {
  type BalanceCheck,
  dueBalances,
  noteLook,
  noteSeen,
  receivedBetween,
  settleSeen,
  startBalance,
} from '../store/balance-checks.ts';
import { type Cursor, findCursor, storedBelow } from '../store/cursors.ts';
import { type Db, transact } from '../store/db.ts';
import { verifyProvider } from './verify-provider.ts';

export type BalanceDeps = {
  db: Db;
  clock: Clock;
  logger: Logger;
  network: Network;
  providers: Providers;
};

const WALLETS_PER_TICK = 20;
const EVERY = 10 * 60_000;
/** On a local chain somebody is looking on. */
const EVERY_LOCALLY = 5_000;

/** So many wallets in one tick that cannot be read, and it is not they that are at fault. */
const MOST_FAULTS = 3;

/**
 * Looks at some wallets. Answers how many were judged. One that cannot be read keeps nobody from reading the others; where
 * it was none that could, the first fault is thrown.
 */
export async function checkBalances(deps: BalanceDeps, signal: AbortSignal): Promise<number> {
  const { db, clock, network } = deps;
  const cursor = await findCursor(db, network.code);
  if (!cursor) return 0;
  const before = clock.now() - (network.onDemand ? EVERY_LOCALLY : EVERY);
  const asked = { network: network.code, asset: network.native.asset, before };
  let [judged, looked] = [0, 0];
  const faults: ChainError[] = [];
  for (const check of await dueBalances(db, asked, WALLETS_PER_TICK)) {
    const isOpen = check.seenHeight !== null && check.epoch === cursor.epoch;
    if (isOpen && (await judge(deps, check, cursor))) judged++;
    if (isOpen) continue;
    const fault = await tryLook(deps, { check, cursor }, signal);
    if (fault) faults.push(fault);
    else looked++;
    if (faults.length === MOST_FAULTS) break;
  }
  const [fault] = faults;
  if (fault && looked + judged === 0) throw fault;
  return judged;
}

/** The fault of the providers, if the wallet could not be read because of one. */
async function tryLook(
  deps: BalanceDeps,
  { check, cursor }: { check: BalanceCheck; cursor: Cursor },
  signal: AbortSignal,
): Promise<ChainError | null> {
  const { db, clock, logger, network } = deps;
  try {
    await look(deps, { check, cursor }, signal);
    return null;
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    const place = { network: network.code, addressKey: check.addressKey };
    await noteLook(db, place, clock.now());
    logger.warn({ network: network.code, wallet: check.addressKey, fault: error.message }, UNREAD);
    return error;
  }
}

const UNREAD = 'what a wallet holds cannot be read; it will be tried again';

/** Reads what a wallet holds at a final block; the first time that is where its account begins. */
async function look(
  { db, clock, logger, network, providers }: BalanceDeps,
  { check, cursor }: { check: BalanceCheck; cursor: Cursor },
  signal: AbortSignal,
): Promise<void> {
  const { addressKey } = check;
  const known = check.epoch === cursor.epoch ? check.height : null;
  // Nothing new is final: there is nothing to learn, and a local chain that was started again no longer knows what was then.
  if (known !== null && cursor.final_height <= known) return;
  const at = await storedBelow(db, network.code, cursor.final_height);
  if (!at) return;
  const held = await providers.use(async chain => {
    await verifyProvider({ network, clock, logger }, chain, signal);
    return chain.balance(addressKey, at, signal);
  }, signal);
  const place = { network: network.code, addressKey, epoch: cursor.epoch };
  if (held === null) {
    await noteLook(db, place, clock.now());
    logger.warn({ network: network.code, wallet: addressKey, fault: 'no provider can tell it' }, UNREAD);
  } else if (known === null) await startBalance(db, place, held, clock.now());
  else if (held.height > known) await noteSeen(db, place, held, clock.now());
}

/** Once every transfer up to the block that was looked at is stored for good. */
async function judge(
  { db, clock, logger, network }: BalanceDeps,
  { addressKey, height, units, seenHeight, seenUnits }: BalanceCheck,
  cursor: Cursor,
): Promise<boolean> {
  if (height === null || units === null || seenHeight === null || seenUnits === null) return false;
  if (cursor.final_height < seenHeight) return false;
  const { asset, decimals } = network.native;
  const place = { network: network.code, addressKey, epoch: cursor.epoch };
  const more = await transact(db, async tx => {
    const received = await receivedBetween(tx, place, { asset, after: height, to: seenHeight });
    const rest = surplus({ before: units, received, after: seenUnits });
    const unexplained = rest < leastUnexplained(asset, decimals) ? 0n : rest;
    return (await settleSeen(tx, place, { seenHeight, unexplained }, clock.now())) ? unexplained : 0n;
  });
  if (more > 0n)
    logger.error(
      {
        alarm: 'unexplained_balance',
        network: network.code,
        wallet: addressKey,
        asset,
        units: more.toString(),
      },
      'a wallet holds more than its transfers explain: a contract may have paid it',
    );
  return true;
}
