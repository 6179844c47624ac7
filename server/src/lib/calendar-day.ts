/** A day of the calendar, as people write it. */
import { fail, ok, type Result } from './result.ts';

/** Reads a day such as 2026-10-25 that the calendar has. The fault completes a sentence. */
export function parseDay(text: string): Result<string> {
  const isWritten = /^\d{4}-\d\d-\d\d$/.test(text) && !text.startsWith('0000');
  const time = isWritten ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
  return isDay ? ok(text) : fail('must be a day, such as 2026-10-25');
}
