/** What sends webhooks: by the schedule, and beside it what people ask for at once. */
import type { Stage } from '../lib/loop.ts';
import { type DispatchDeps, Dispatcher } from './dispatch.ts';
import { resend } from './resend.ts';

export type Sending = {
  stages: Stage[];
  /** Resolves once the stages have `ended` and no request is under way; one that takes longer than `within` ms is cut off. */
  finish(ended: Promise<unknown>, within: number): Promise<void>;
};

export function openSending(deps: DispatchDeps): Sending {
  const posts = new AbortController();
  const dispatcher = new Dispatcher(deps);
  return {
    stages: [
      { name: 'dispatch', every: 1000, tick: () => dispatcher.tick(posts.signal) },
      { name: 'resend', every: 5000, tick: () => resend(deps, posts.signal) },
    ],
    finish: async (ended, within) => {
      const cutOff = setTimeout(() => posts.abort(), within);
      await ended;
      await dispatcher.idle();
      clearTimeout(cutOff);
    },
  };
}
