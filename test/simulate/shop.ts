/** The shops of a history: they hear every request, and answer at once, when other things have happened since, or never. */
import type { Outcome } from '../../server/src/lib/fetch-outcome.ts';
import type { SimulatedNode } from './node.ts';
import type { World } from './world.ts';

export type Arrival = {
  webhookId: string;
  type: string;
  invoice: number;
  retry: number;
  status: number | null;
  at: number;
};

/** As long as a process may take for its requests before another one sends them. */
const LEASE = 60_000;

type Wait = { requests: number; ended: Promise<void>; end: (() => void) | null };

export class Shop {
  readonly arrivals: Arrival[] = [];
  /** In some histories it never answers 200. */
  readonly #isGone: boolean;
  readonly #world: World;
  /** What a process waits for that has requests under way. */
  readonly #waits = new Map<SimulatedNode, Wait>();
  /** Requests by which an invoice's next one is held up. */
  readonly #underWay = new Set<Arrival>();
  /** Processes whose next requests are answered late. */
  readonly #slowFor = new Set<SimulatedNode>();

  constructor(world: World, { isGone }: { isGone: boolean }) {
    this.#world = world;
    this.#isGone = isGone;
  }

  /** Hears a request, and answers it as the faults have it. */
  async post(
    node: SimulatedNode,
    url: string,
    request: { headers: Record<string, string>; body: string },
  ): Promise<Outcome> {
    const world = this.#world;
    if (node.gate.open > 0) world.complain('a transaction is open while a request is sent');
    node.gate.step();
    const body = JSON.parse(request.body) as {
      event_type: string;
      retry_count: number;
      data: { id: number };
    };
    const { chance, calm, faults } = world;
    const fails = this.#isGone || (!calm && chance.happens(faults.shop));
    const status = fails ? chance.pick([500, 201, 301, 404, null]) : 200;
    const arrival = {
      webhookId: request.headers['webhook-id'] ?? '',
      type: body.event_type,
      invoice: body.data.id,
      retry: body.retry_count,
      status,
      at: world.now,
    };
    this.#hear(arrival);
    const { type, invoice, retry } = arrival;
    world.note(`shop hears ${type} of ${invoice} try ${retry} at ${url}: ${status}`);
    await this.#answers(node);
    // The process may have died while it waited for the answer.
    node.gate.step();
    this.#underWay.delete(arrival);
    if (status === null) return { kind: 'error', class: 'timeout', message: 'no answer' };
    return { kind: 'response', status, headers: [], body: '', truncated: false };
  }

  /** Two requests of an invoice are never under way at once, while whoever sent the first may still wait for its answer. */
  #hear(arrival: Arrival): void {
    const other = [...this.#underWay].find(
      ({ invoice, at }) => invoice === arrival.invoice && arrival.at <= at + LEASE,
    );
    if (other)
      this.#world.complain(
        `"${arrival.type}" of invoice ${arrival.invoice} was sent while "${other.type}" was under way`,
      );
    this.arrivals.push(arrival);
    this.#underWay.add(arrival);
  }

  /** What was heard after the first of these is known to nobody any more, and nobody waits for an answer. */
  forget(heard: number): void {
    this.arrivals.length = heard;
    this.#underWay.clear();
  }

  /** From now on the requests of a process are answered late, until `answer`. */
  holdAnswers(node: SimulatedNode): void {
    this.#slowFor.add(node);
  }

  /** Whether a process waits for answers that come late: not for those during which something else happens right now. */
  isWaiting(node: SimulatedNode): boolean {
    return (this.#waits.get(node)?.end ?? null) !== null;
  }

  /** All that a process waits for is answered. */
  answer(node: SimulatedNode): void {
    this.#slowFor.delete(node);
    this.#waits.get(node)?.end?.();
  }

  /** All requests that a process has sent at once are answered at once: else what follows would depend on who is faster. */
  #answers(node: SimulatedNode): Promise<void> {
    const wait = this.#waits.get(node) ?? this.#begin(node);
    wait.requests++;
    return wait.ended;
  }

  #begin(node: SimulatedNode): Wait {
    const wait: Wait = { requests: 0, ended: Promise.resolve(), end: null };
    const others = async () => {
      for (let n = 0; n < wait.requests; n++) await this.#world.meanwhile();
    };
    const held = this.#slowFor.has(node)
      ? new Promise<void>(resolve => {
          wait.end = resolve;
        })
      : Promise.resolve().then(others);
    wait.ended = held.finally(() => this.#waits.delete(node));
    this.#waits.set(node, wait);
    return wait;
  }
}
