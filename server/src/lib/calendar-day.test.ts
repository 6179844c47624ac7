import { expect, test } from 'vitest';
import { parseDay } from './calendar-day.ts';

test.each(['2026-10-25', '2024-02-29', '0001-01-01', '9999-12-31'])('%s is a day', text => {
  expect(parseDay(text)).toEqual({ ok: true, value: text });
});

test.each([
  '2026-02-29',
  '2026-04-31',
  '2026-13-01',
  '2026-1-1',
  '0000-01-01',
  '25.10.2026',
  'today',
  '',
  '2026-10-25 ',
])('%j is none', text => {
  expect(parseDay(text)).toEqual({ ok: false, fault: 'must be a day, such as 2026-10-25' });
});
