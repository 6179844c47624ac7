/** Time comes in by argument: whatever needs it is handed a Clock, and one command or tick reads it once. */
export type Clock = { /** Milliseconds since the epoch. */ now(): number };

/** A clock that is `offset` ms ahead of this machine's monotonic clock; see store/db-clock.ts for whose time it shows. */
export function monotonicClock(): Clock & { set(now: number): void } {
  let base = Date.now() - performance.now();
  return {
    now: () => Math.round(base + performance.now()),
    set: now => {
      base = now - performance.now();
    },
  };
}
