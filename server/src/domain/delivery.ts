/** The documented webhook schedule: ten requests, each counted from the start of the one before, no jitter. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Wait before request 1, 2, … 10, in milliseconds. */
export const schedule = [
  0,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  60 * MINUTE,
  2 * HOUR,
  4 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
] as const;

export type DeliveryStep = { state: 'delivered' } | { state: 'exhausted' } | { state: 'open'; dueAt: number };

/** Delivered is HTTP 200 and nothing else; `status` is null where no answer came. */
export function isDelivered(status: number | null): boolean {
  return status === 200;
}

/** What follows request `number` (0 is the first), begun at `startedAt` (ms), that was answered with `status`. */
export function afterAttempt(number: number, startedAt: number, status: number | null): DeliveryStep {
  if (isDelivered(status)) return { state: 'delivered' };
  const wait = schedule[number + 1];
  return wait === undefined ? { state: 'exhausted' } : { state: 'open', dueAt: startedAt + wait };
}
