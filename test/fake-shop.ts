/** A shop in memory that takes webhooks: it keeps every request, and answers what the test says, when it says so. */
import type { DispatchDeps } from '../server/src/flow/dispatch.ts';
import type { Outcome } from '../server/src/lib/fetch-outcome.ts';

export type ShopRequest = {
  url: string;
  headers: Record<string, string>;
  body: string;
  answer: (outcome: Outcome) => void;
};

/** What a shop answers. */
export const answered = (status: number, body = ''): Outcome => ({
  kind: 'response',
  status,
  headers: [['content-type', 'text/plain']],
  body,
  truncated: false,
});

/** Takes requests as a shop would; answers at once with `reply`, or when the test does, if that is null. */
export class FakeShop {
  readonly requests: ShopRequest[] = [];
  reply: Outcome | null = answered(200);
  post: DispatchDeps['post'] = (url, { headers, body }, signal) =>
    new Promise(resolve => {
      const request = { url, headers, body, answer: resolve };
      this.requests.push(request);
      if (this.reply) return resolve(this.reply);
      const aborted: Outcome = { kind: 'error', class: 'aborted', message: 'stopped' };
      signal.addEventListener('abort', () => resolve(aborted));
    });
}
