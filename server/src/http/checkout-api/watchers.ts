/**
 * The open streams of this process. Once a second the database is asked, in one question for all pages watched here, how
 * they stand; whoever watches a page that has changed is told to look again. So it does not matter which process made
 * the change, nothing is asked while nobody watches, and nothing that creates or settles an invoice does more for it.
 */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { type Running, run } from '../../lib/loop.ts';

/** How many streams there may be at once. */
export type StreamLimits = {
  perProcess: number;
  perPage: number;
  /** From one address (IPv6: one /64); null: no limit. */
  perNetwork: number | null;
};

export type WatcherDeps = {
  clock: Clock;
  logger: Logger;
  limits: StreamLimits;
  /** The tag of each page, by its name, and whether it is over. Asked for at most `CHUNK` names at a time. */
  look: (pageIds: readonly string[]) => Promise<ReadonlyMap<string, { tag: string; over: boolean }>>;
};

/** `told`: the tag the reader knows; `spokenAt`: when something was last sent (ms). */
type Stream = {
  pageId: string;
  network: string;
  out: ServerResponse;
  told: string | null;
  openedAt: number;
  spokenAt: number;
};

const ROUND = 1000;
const CHUNK = 1000;
/** Keeps proxies from closing a stream that is silent. */
const PING = 20_000;
const LIFETIME = 2 * 3600_000;

export class Watchers {
  readonly #deps: WatcherDeps;
  readonly #streams = new Set<Stream>();
  readonly #perPage = new Map<string, number>();
  readonly #perNetwork = new Map<string, number>();
  readonly #stopping = new AbortController();
  /** Begins with the first stream. */
  #rounds: Running | null = null;

  constructor(deps: WatcherDeps) {
    this.#deps = deps;
  }

  hasRoom({ pageId, network }: Pick<Stream, 'pageId' | 'network'>): boolean {
    const { perProcess, perPage, perNetwork } = this.#deps.limits;
    return (
      !this.#stopping.signal.aborted &&
      this.#streams.size < perProcess &&
      (this.#perPage.get(pageId) ?? 0) < perPage &&
      (perNetwork === null || (this.#perNetwork.get(network) ?? 0) < perNetwork)
    );
  }

  /** Takes over an answer whose head was sent. `told` is the tag the reader says it knows; any other is told at once. */
  add({ pageId, network, out, told }: Pick<Stream, 'pageId' | 'network' | 'out' | 'told'>): void {
    const { clock, logger } = this.#deps;
    const now = clock.now();
    const stream = { pageId, network, out, told, openedAt: now, spokenAt: now };
    this.#streams.add(stream);
    count(this.#perPage, pageId, 1);
    count(this.#perNetwork, network, 1);
    out.on('close', () => this.#forget(stream));
    // A reader that is gone is told of by `close`; an error that nobody hears ends the process.
    out.on('error', () => undefined);
    if (out.destroyed) this.#forget(stream);
    const stage = { name: 'streams', every: ROUND, tick: () => this.#round() };
    this.#rounds ??= run(stage, { logger, signal: this.#stopping.signal });
  }

  /** Ends all streams at once: their pages ask another process, or this one when it is back. */
  async close(): Promise<void> {
    this.#stopping.abort();
    for (const stream of this.#streams) this.#end(stream);
    await this.#rounds?.stopped;
  }

  async #round(): Promise<number> {
    const now = this.#deps.clock.now();
    for (const stream of this.#streams) {
      if (now - stream.openedAt >= LIFETIME) this.#end(stream);
      else if (now - stream.spokenAt >= PING) this.#send(stream, ':\n\n', now);
    }
    const pageIds = [...this.#perPage.keys()];
    for (let from = 0; from < pageIds.length && !this.#stopping.signal.aborted; from += CHUNK) {
      const found = await this.#deps.look(pageIds.slice(from, from + CHUNK));
      for (const stream of this.#streams) this.#tell(stream, found.get(stream.pageId), now);
    }
    return 0;
  }

  #tell(stream: Stream, found: { tag: string; over: boolean } | undefined, now: number): void {
    if (!found) return;
    if (stream.told !== found.tag) {
      stream.told = found.tag;
      this.#send(stream, `id: ${found.tag}\nevent: news\ndata: look\n\n`, now);
    }
    if (found.over) this.#end(stream);
  }

  /** What was sent in an earlier round and did not leave since is for a reader that does not read. */
  #send(stream: Stream, text: string, now: number): void {
    const { out } = stream;
    if (out.writableLength > 0) {
      out.destroy();
      return;
    }
    stream.spokenAt = now;
    out.write(text);
  }

  #end(stream: Stream): void {
    const { out } = stream;
    this.#forget(stream);
    out.end();
    // The end is a few bytes: where they do not leave at once, nobody reads.
    setImmediate(() => {
      if (out.writableLength > 0) out.destroy();
    });
  }

  #forget(stream: Stream): void {
    if (!this.#streams.delete(stream)) return;
    count(this.#perPage, stream.pageId, -1);
    count(this.#perNetwork, stream.network, -1);
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}
