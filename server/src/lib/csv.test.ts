import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine } from './csv.ts';

/** A reader of RFC 4180 that knows nothing of the writer. */
function read(text: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') [cells, cell] = [[...cells, cell], ''];
    else if (character === '\r' && text[at + 1] === '\n') {
      lines.push([...cells, cell]);
      [cells, cell] = [[], ''];
      at++;
    } else cell += character;
  }
  expect([quoted, cells, cell]).toEqual([false, [], '']);
  return lines;
}

describe('a line', () => {
  test('has commas between its cells and ends with CRLF', () => {
    expect(csvLine(['a', 1, 10n, true, null, ''])).toBe('a,1,10,true,,\r\n');
  });

  test('quotes what would break it', () => {
    expect(csvLine(['a,b', 'say "so"', 'two\r\nlines', 'a;b'])).toBe(
      '"a,b","say ""so""","two\r\nlines",a;b\r\n',
    );
  });

  test('is read back as it was written, whatever is in it', () => {
    const word = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ';', 'ß', '€', "'") });
    const text = word.map(rest => `x${rest}`);
    fc.assert(
      fc.property(fc.array(fc.array(text, { minLength: 1 })), lines => {
        expect(read(lines.map(csvLine).join(''))).toEqual(lines);
      }),
    );
  });
});

describe('a formula', () => {
  test.each([
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['+1+cmd|x', "'+1+cmd|x"],
    ['-1+1', "'-1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ['\n=1', `"'\n=1"`],
    ['\0=1', "'\0=1"],
    ['＝1', "'＝1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠x', "'＠x"],
    ['+5', "'+5"],
    ['-', "'-"],
    ['-1.5\n=2', `"'-1.5\n=2"`],
  ])('%j is text', (text, cell) => {
    expect(csvLine([text])).toBe(`${cell}\r\n`);
  });

  test.each(['-3.20', '-1', '0', '12.000000000000000001', '-0.00000001'])('%s stays a number', number => {
    expect(csvLine([number])).toBe(`${number}\r\n`);
  });

  test('never begins a cell', () => {
    const start = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠');
    fc.assert(
      fc.property(start, fc.string(), (first, rest) => {
        const cell = read(csvLine([first + rest]))[0]?.[0] ?? '';
        expect(cell === `'${first}${rest}` || /^-\d+(\.\d+)?$/.test(cell)).toBe(true);
      }),
    );
  });
});
