/** Blocks of a local chain in real time: one a second, with whatever was sent since; so that block time is clock time. */
import { rpc } from '../../server/src/dev/rpc.ts';
import type { LiveChain } from '../e2e/live-chain.ts';

const EVERY = 1000;

/** Answers how to stop it. */
export async function keepMining({ rpcUrl }: LiveChain): Promise<() => Promise<void>> {
  await rpc(rpcUrl, 'evm_setAutomine', false);
  let stopped = false;
  let wake: () => void = () => undefined;
  const rounds = async () => {
    while (!stopped) {
      await rpc(rpcUrl, 'evm_mine').catch(() => undefined);
      await new Promise<void>(resolve => {
        wake = resolve;
        setTimeout(resolve, EVERY);
      });
    }
  };
  const running = rounds();
  return async () => {
    stopped = true;
    wake();
    await running;
  };
}
