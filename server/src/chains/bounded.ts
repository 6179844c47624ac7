/** Waiting that is bounded, in time and in number: what the adapters put around every call to a provider. */

/**
 * Runs `work` with a signal that also fires after `ms` milliseconds, then with the error `late()` makes. When either
 * fires, its reason is what is thrown, whatever the work made of it. (`AbortSignal.any` over a signal that lives as long
 * as the process would keep every one of these alive on Node 20.)
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  deadline: { ms: number; late: () => Error },
  signal: AbortSignal,
): Promise<T> {
  const linked = link(signal);
  const timer = setTimeout(() => linked.stop(deadline.late()), deadline.ms);
  try {
    return await work(linked.signal);
  } catch (error) {
    throw linked.signal.aborted ? linked.signal.reason : error;
  } finally {
    clearTimeout(timer);
    linked.unlink();
  }
}

/** Calls to one provider that may be under way at once for one piece of work. */
const lanes = 4;

/**
 * `items` mapped by `work` in order, at most four at a time. The first failure stops what is under way, waits for it to
 * end and is thrown.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<R>,
  signal: AbortSignal,
): Promise<R[]> {
  signal.throwIfAborted();
  const linked = link(signal);
  const results = new Array<R>(items.length);
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) {
      linked.signal.throwIfAborted();
      results[index] = await work(item, linked.signal);
    }
  };
  const running = Array.from({ length: Math.min(lanes, items.length) }, lane);
  try {
    await Promise.all(running);
    return results;
  } catch (error) {
    linked.stop(error);
    await Promise.allSettled(running);
    throw error;
  } finally {
    linked.unlink();
  }
}

/** A signal of its own that follows `outer` until unlinked. */
function link(outer: AbortSignal) {
  const own = new AbortController();
  const follow = () => own.abort(outer.reason);
  if (outer.aborted) follow();
  outer.addEventListener('abort', follow, { once: true });
  return {
    signal: own.signal,
    stop: (reason: unknown) => own.abort(reason),
    unlink: () => outer.removeEventListener('abort', follow),
  };
}
