import { expect, test } from 'vitest';
import { readForm } from './form.ts';
import { phpQuery } from './php-query.ts';

function query(form: string): string {
  const read = readForm(form);
  return read.ok ? decodeURIComponent(phpQuery(read.value, 'pk')) : read.fault.reason;
}

// Each seen in PHP 8.2.36's parse_str.
test.each([
  ['', 'api_key=pk'],
  ['amount=15.00&client_reference_id=7', 'amount=15.00&api_key=pk&client_reference_id=7'],
  ['a=x+y%20z&b=%D0%B6', 'a=x+y+z&api_key=pk&b=ж'],
  ['a&b=&=c&&', 'a=&api_key=pk&b='],
  ['a=%zz%', 'a=%zz%&api_key=pk'],
  [' a=1', 'a=1&api_key=pk'],
  ['a b.c=1', 'a_b_c=1&api_key=pk'],
  ['a%5Bb%5D=1&a[c][d]=2', 'a[b]=1&a[c][d]=2&api_key=pk'],
  ['a[]=1&a[]=2&a[5]=3&a[]=4', 'a[0]=1&a[1]=2&a[5]=3&a[6]=4&api_key=pk'],
  ['a[-5]=1&a[]=2', 'a[-5]=1&a[-4]=2&api_key=pk'],
  ['a[b=1', 'a_b=1&api_key=pk'],
  ['a[b]x[c]=1', 'a[b]=1&api_key=pk'],
  ['a[b][c=1', 'a[b]=1&api_key=pk'],
  ['[a]=1&]=2', ']=2&api_key=pk'],
  ['a=1&a[b]=2', 'a[b]=2&api_key=pk'],
  ['a[]=1&a=2&a[]=3', 'a[0]=3&api_key=pk'],
  ['a%00b=1', 'a=1&api_key=pk'],
])('%j is read as PHP reads it', (form, expected) => {
  expect(query(form)).toBe(expected);
});

test('a flat field given twice stays visible, and the last one counts', () => {
  expect(readForm('a=1&a=2')).toMatchObject({
    ok: true,
    value: {
      entries: [
        ['a', '1'],
        ['a', '2'],
      ],
    },
  });
  expect(query('a=1&b=3&a=2')).toBe('a=2&api_key=pk&b=3');
});

test('bytes that are not UTF-8, NUL characters and too much of anything are refused', () => {
  expect(query('a=%C3')).toBe('encoding');
  expect(query('a=\0')).toBe('syntax');
  expect(query('a=1&'.repeat(1001))).toBe('size');
  expect(query(`a${'[]'.repeat(64)}=1`)).toContain('a[0]');
  expect(query(`a${'[]'.repeat(65)}=1`)).toBe('depth');
});
