/**
 * Request bodies for the differential test against PHP, drawn from a seed: what shops send, and every spelling known
 * to be read differently by PHP and JavaScript. Texts are written by hand, not by JSON.stringify, which would smooth
 * over just these.
 */

/** `json` and `form` are the two content types of the API. */
export type Body = { kind: 'json' | 'form'; bytes: Buffer };

/** Uniform in [0, 1). */
export type Random = () => number;

/** mulberry32: small, seedable, good enough to draw test data. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (random: Random, end: number) => Math.floor(random() * end);
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const digits = (random: Random, count: number) => times(count, () => below(random, 10)).join('');

/** One body; about one in twenty is damaged. */
export function anyBody(random: Random): Body {
  if (random() < 0.15) return { kind: 'form', bytes: Buffer.from(formText(random)) };
  const text = Buffer.from(jsonText(random));
  return { kind: 'json', bytes: random() < 0.05 ? damaged(random, text) : text };
}

function jsonText(random: Random): string {
  const kind = random();
  if (kind < 0.01) return nest(random, pick(random, [2, 20, 510, 511, 512, 513]));
  if (kind < 0.03) return jsonValue(random, 0);
  if (kind < 0.06) return list(random, 0);
  if (kind < 0.063) return largeObject(random);
  if (kind < 0.12) return object(random, 15 + below(random, 60), 3);
  return object(random, below(random, 9), 0);
}

function nest(random: Random, depth: number): string {
  const [open, close] = pick(random, [
    ['[', ']'],
    ['{"a":', '}'],
  ]);
  const inner = pick(random, ['1', '"x"', open === '[' ? '' : 'null']);
  return open!.repeat(depth) + inner + close!.repeat(depth);
}

const space = (random: Random) => (random() < 0.8 ? '' : pick(random, [' ', '\n', '\t', '\r\n  ']));

function object(random: Random, count: number, depth: number): string {
  const style = pick(random, [fieldNames, oddKeys, [...fieldNames, ...oddKeys], null]);
  const entry = () => {
    const key = style && random() < 0.8 ? pick(random, style) : freeKey(random);
    return `${space(random)}${quoted(random, key)}${space(random)}:${space(random)}${jsonValue(random, depth + 1)}`;
  };
  return `{${times(count, entry).join(',')}${space(random)}}`;
}

/** More than 1,024 keys, where PHP's sort takes its middle value from five samples. */
function largeObject(random: Random): string {
  const ends = ['', '', 'x', '.5', 'e1', ' ', 'e-2', 'a'];
  const entry = () => `"${below(random, 4000)}${pick(random, ends)}":${below(random, 9)}`;
  return `{${times(1000 + below(random, 700), entry).join(',')}}`;
}

function list(random: Random, depth: number): string {
  return `[${times(below(random, 5), () => jsonValue(random, depth + 1)).join(`,${space(random)}`)}]`;
}

function jsonValue(random: Random, depth: number): string {
  const kind = random();
  if (kind < 0.4) return number(random);
  if (kind < 0.75) return quoted(random, anyText(random));
  if (kind < 0.9 || depth > 3) return pick(random, ['null', 'true', 'false', '""', '[]', '{}']);
  return random() < 0.5 ? list(random, depth) : object(random, below(random, 4), depth);
}

const fieldNames = (
  'amount client_reference_id metadata currency cryptocurrency network widget_description back_url cancel_url lang ' +
  'transactionId api_key data event_type retry_count a b z B _ a.b a[b] ~ api_ke api_key2'
).split(' ');

const oddKeys = [
  ...'0 1 2 9 10 -1 -0 00 01 007 1.5 1.0 1e1 1E2 -1e1 1x 9a 10a .5 1. +1 1e 0x1 - . e1 1e400 -1e400'.split(
    ' ',
  ),
  ...'9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809'.split(' '),
  ...'18446744073709551617 99999999999999999999 9.3e18 +9223372036854775807 009223372036854775808'.split(' '),
  ...[
    '',
    ' ',
    ' 1',
    '1 ',
    ' 1x',
    '\t2',
    '1\n',
    '-9223372036854775808 ',
    '9223372036854775806 ',
    'é',
    'ﬁ',
    '😀',
    'a b',
    'a~',
    '\u0000',
  ],
];

function freeKey(random: Random): string {
  const kind = random();
  if (kind < 0.3) return String(below(random, 40) - 5);
  if (kind < 0.4) return `${below(random, 30)}${pick(random, ['', '.5', 'e1', 'x', ' ', '.', 'e-1', '0e0'])}`;
  return [...anyText(random)].slice(0, 6).join('');
}

function anyText(random: Random): string {
  const alphabet = pick(random, [
    'abcXYZ019',
    ' ~*+&=%/?#[]{}.,:;!\'()"\\|^`<>@$_-',
    'жéß支€₮ﬁ\u2028\ufeff\u007f',
    'numeric',
  ]);
  if (alphabet === 'numeric') return number(random);
  const marks = [
    ...alphabet,
    ...(random() < 0.2 ? ['😀', '👍🏽', '\n', '\t', '\r', '\u0000', '\u001f', 'e\u0301'] : []),
  ];
  return times(below(random, 12), () => pick(random, marks)).join('');
}

/** A JSON string; some characters are escaped although they need not be, as PHP and others do. */
function quoted(random: Random, text: string): string {
  const rate = pick(random, [0, 0, 0.3, 1]);
  const escaped = [...text].map(mark => {
    if (mark === '"' || mark === '\\' || mark < ' ') return JSON.stringify(mark).slice(1, -1);
    if (random() >= rate) return mark;
    if (mark === '/') return '\\/';
    const units = times(mark.length, () => 0).map((_, n) => mark.charCodeAt(n).toString(16).padStart(4, '0'));
    return units.map(unit => `\\u${random() < 0.5 ? unit : unit.toUpperCase()}`).join('');
  });
  return `"${escaped.join('')}"`;
}

const edges = [
  ...'0 -0 0.0 -0.0 0e0 -0e5 1 10.0 1e2 1E+2 1.0e-5 0.0001 0.00001 0.00009999999999999999 1e14 1e15 1e21'.split(
    ' ',
  ),
  ...'1000000000000000 999999999999999.9 99999999999999.95 5e-324 1e-400 1.7976931348623157e308 1e309 -1e309'.split(
    ' ',
  ),
  ...'9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 9007199254740993'.split(
    ' ',
  ),
  ...'12345678901234567890 100000000000000000000 0.30000000000000004 0.1e1 123456789.123456 2.5e-9'.split(
    ' ',
  ),
];

function number(random: Random): string {
  const sign = random() < 0.15 ? '-' : '';
  const whole = String(1 + below(random, 9)) + digits(random, below(random, 4));
  switch (below(random, 8)) {
    case 0:
      return pick(random, edges);
    case 1:
      return sign + whole;
    case 2:
      return `${sign}${whole}.${digits(random, 1 + below(random, 8))}`;
    case 3:
      return sign + whole + digits(random, below(random, 18));
    case 4:
      return tie(random, sign);
    case 5:
      return `${sign}${whole}.${digits(random, 1 + below(random, 20))}e${below(random, 640) - 330}`;
    case 6:
      return `${sign}${whole}${digits(random, below(random, 14))}${pick(random, ['.0', '.50', 'e0', 'E-3', 'e+4'])}`;
    default:
      return anyDouble(random);
  }
}

/** Fourteen digits and a half, the case where rounding rules part; sometimes just beside it. */
function tie(random: Random, sign: string): string {
  const head =
    String(1 + below(random, 9)) + digits(random, 9) + pick(random, ['0000', '9999', digits(random, 4)]);
  const point = below(random, 6);
  const scaled = pick(random, [
    `${head}5.0`,
    `${head}5e0`,
    `${head}.5`,
    `${head.slice(0, 13)}.25`,
    `${head}5e${point}`,
  ]);
  return sign + scaled + (random() < 0.1 && scaled.endsWith('5') && scaled.includes('.') ? '0001' : '');
}

function anyDouble(random: Random): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, random() * 2 ** 32);
  view.setUint32(4, random() * 2 ** 32);
  const value = view.getFloat64(0);
  return Number.isFinite(value) ? String(value) : '1';
}

function damaged(random: Random, text: Buffer): Buffer {
  const insertions = [
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '0',
      '-',
      '.',
      'e',
      '+',
      ' ',
      '/',
      '\u0000',
      '\u0001',
      '\u000b',
    ],
    ...['\\ud800', '\\udc00', '\\ud83d\\u0041', '\\uD83D', '\\x', '\\u12', '\u00a0', '\ufeff'],
  ].map(mark => Buffer.from(mark));
  const raw = [[0x80], [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]].map(
    Buffer.from,
  );
  const at = pick(random, [0, text.length, below(random, text.length + 1)]);
  const skip = below(random, 2);
  const insert = random() < 0.25 ? Buffer.alloc(0) : pick(random, random() < 0.7 ? insertions : raw);
  return Buffer.concat([text.subarray(0, at), insert, text.subarray(at + skip)]);
}

function formText(random: Random): string {
  const name = () => {
    const base =
      random() < 0.6 ? pick(random, fieldNames) : pick(random, ['a', 'b', '', ' c', 'd e', 'f.g', '5', '07']);
    const index = () =>
      pick(random, [
        '[]',
        '[]',
        '[b]',
        '[5]',
        '[2]',
        '[-3]',
        '[ ]',
        '[x y]',
        '[.]',
        '[',
        ']',
        '[[]',
        '[b',
        'x',
        '[07]',
      ]);
    return base + (random() < 0.3 ? times(1 + below(random, 3), index).join('') : '');
  };
  const encoded = (text: string) => {
    const full = encodeURIComponent(text).replaceAll('%20', () => pick(random, ['+', '%20']));
    return random() < 0.8
      ? full
      : text.replace(/[&=+#]/g, '%2b').replaceAll('%', () => pick(random, ['%', '%25']));
  };
  const field = () => {
    if (random() < 0.03)
      return pick(random, ['', '=', '=x', 'a', 'a==', '%', 'a=%zz', 'a=%C3', 'a%00b=1', '%00=1']);
    return `${encoded(name())}=${encoded(anyText(random))}`;
  };
  return times(below(random, 8), field).join('&');
}
