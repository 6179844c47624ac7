import { expect, test } from 'vitest';
import { type JsonNode, readJson } from './json-tokens.ts';

function node(text: string): JsonNode {
  const read = readJson(text);
  if (!read.ok) throw new Error(read.fault.text);
  return read.value;
}

function reason(body: string | Uint8Array): string {
  const read = readJson(body);
  return read.ok ? 'ok' : read.fault.reason;
}

test('numbers keep the text they were written with', () => {
  expect(node('[10, 10.0, 1.0e-5, -0, 9007199254740993]')).toEqual({
    type: 'array',
    items: ['10', '10.0', '1.0e-5', '-0', '9007199254740993'].map(text => ({ type: 'number', text })),
  });
});

test('objects keep the order of keys, integer-like ones too, and keys given twice', () => {
  expect(node('{"b":true,"2":null,"1":"x","b":false,"__proto__":""}')).toEqual({
    type: 'object',
    entries: [
      ['b', true],
      ['2', null],
      ['1', 'x'],
      ['b', false],
      ['__proto__', ''],
    ],
  });
});

test('strings are unescaped, pairs of surrogates into one character', () => {
  expect(node(String.raw`"\"\\\/\b\f\n\r\t\u00e9\ud83d\uDE00 é😀"`)).toBe('"\\/\b\f\n\r\té😀 é😀');
  expect(node('"\u007f\u2028"')).toBe('\u007f\u2028');
});

test('space is allowed around every token and nothing else is', () => {
  expect(node(' \t\r\n[ 1 , { "a" : [ ] } ] \n')).toEqual(node('[1,{"a":[]}]'));
  expect(reason('[1]\u00a0')).toBe('syntax');
  expect(reason('\u000b[1]')).toBe('syntax');
});

test.each([
  ...[
    '',
    ' ',
    '[',
    ']',
    '{',
    '}',
    '[1',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1]]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
  ],
  ...[
    '{,}',
    '{1:2}',
    '"',
    '"a',
    "'a'",
    '01',
    '-',
    '+1',
    '.5',
    '1.',
    '1e',
    '1e+',
    '--1',
    '0x10',
    '1,5',
    'NaN',
  ],
  ...[
    'Infinity',
    'TRUE',
    'nul',
    'truefalse',
    'undefined',
    '// x\n1',
    '"\t"',
    '"\u0000"',
    '1\u0000',
    '\ufeff[]',
  ],
  ...[
    String.raw`"\x"`,
    String.raw`"\u12"`,
    String.raw`"\ud800"`,
    String.raw`"\udc00"`,
    String.raw`"\ud800\u0041"`,
  ],
])('%j is not JSON', text => {
  expect(reason(text)).toBe('syntax');
});

test.each([
  [[0x22, 0xff, 0x22]],
  [[0x22, 0xc0, 0xaf, 0x22]],
  [[0x22, 0xed, 0xa0, 0x80, 0x22]],
  [[0x22, 0xe2, 0x82]],
])('the bytes %j are not UTF-8', bytes => {
  expect(reason(Uint8Array.from(bytes))).toBe('encoding');
});

test('a lone surrogate in a text is refused, for no bytes spell it', () => {
  expect(reason('"\ud800"')).toBe('encoding');
});

test('a byte order mark is refused in bytes too', () => {
  expect(reason(Uint8Array.from([0xef, 0xbb, 0xbf, 0x5b, 0x5d]))).toBe('syntax');
});

test('nesting is read up to the depth at which PHP gives up', () => {
  expect(reason('['.repeat(511) + ']'.repeat(511))).toBe('ok');
  expect(reason('['.repeat(512) + ']'.repeat(512))).toBe('depth');
  expect(reason(`${'{"a":'.repeat(512)}1${'}'.repeat(512)}`)).toBe('depth');
});

test('very deep nesting is refused at the limit, whatever limit was asked for', () => {
  const read = readJson('['.repeat(100_000), { maxDepth: 1_000_000 });
  expect(read).toMatchObject({ ok: false, fault: { reason: 'depth' } });
  expect(readJson('[[[[[]]]]]', { maxDepth: 4 })).toMatchObject({ ok: false, fault: { reason: 'depth' } });
});

test('siblings do not count as depth', () => {
  expect(readJson('[[1],[2],{"a":[3]},[[4]]]', { maxDepth: 3 }).ok).toBe(true);
});

test('the number of values is bounded', () => {
  expect(readJson('[1,2,3]', { maxValues: 4 }).ok).toBe(true);
  expect(readJson('[1,2,3]', { maxValues: 3 })).toMatchObject({ ok: false, fault: { reason: 'size' } });
  expect(reason(`[${'1,'.repeat(1000)}1]`)).toBe('size');
});

test('a fault says where, and does not quote the body', () => {
  const read = readJson('{"private":"secret",}');
  expect(read).toEqual({
    ok: false,
    fault: { reason: 'syntax', text: 'The body is not valid JSON (at character 20).' },
  });
});
