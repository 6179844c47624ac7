/** Tables that carry a date but no time. */
import { fail, ok, type Result } from '../lib/result.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * When a table of this date counts as observed: at noon of its day, or when we read it, whichever is earlier. Central banks
 * publish during the day, some for the day after; what is dated later than tomorrow is a fault. Years, months and days as
 * texts of digits.
 */
export function dayOf(
  date: { year: string | undefined; month: string | undefined; day: string | undefined },
  fetchedAt: number,
): Result<number> {
  const text = `${date.year}-${date.month}-${date.day}`;
  const start = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== text)
    return fail('it has no date');
  if (start > fetchedAt + DAY) return fail('it is dated in the future');
  return ok(Math.min(start + 12 * HOUR, fetchedAt));
}
