/** XML answers, read back by a parser that knows nothing of how they were written, say what the JSON ones say. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { treeOfJson, xmlTree } from '../../../../test/e2e/xml-tree.ts';
import { ExactNumber, toJson, type WireValue } from '../wire.ts';
import { toXml } from './xml.ts';

/** What XML cannot hold is dropped, and half a character replaced. */
const inXml = (text: string) =>
  text
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 does not allow.
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '');

const read = (value: WireValue) => xmlTree(toXml(value));

describe('an answer as XML', () => {
  test('has the shape of Yii2', () => {
    const invoice = { id: 36, metadata: null, final_amount: new ExactNumber('6.50'), seen: true };
    expect(toXml({ success: true, data: [invoice, {}] })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><response><success>true</success><data><item><id>36</id><metadata/>' +
        '<final_amount>6.50</final_amount><seen>true</seen></item><item/></data></response>',
    );
  });

  test('lists the texts of a faulty field as items', () => {
    const data = { message: 'Invalid request data', errors: { amount: ['Amount cannot be blank.'] } };
    expect(read({ success: false, data })).toEqual(treeOfJson(toJson({ success: false, data })));
    expect(toXml({ success: false, data })).toContain(
      '<errors><amount><item>Amount cannot be blank.</item></amount>',
    );
  });

  test.each([
    ['the end of a section and elements', ']]></metadata><x/>&\u0001\uD800', ']]></metadata><x/>&\uFFFD'],
    [
      'what looks like an entity',
      '&lt;x&gt; &amp; &nbsp; &#65; &#x41; &bogus;',
      '&lt;x&gt; &amp; &nbsp; &#65; &#x41; &bogus;',
    ],
    [
      'a declaration',
      '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>&a;',
      '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>&a;',
    ],
    ['sections and comments', '<![CDATA[x]]><!-- --><?php ?>', '<![CDATA[x]]><!-- --><?php ?>'],
    ['every kind of line end', 'a\r\nb\rc\nd\te\u0085\u2028', 'a\r\nb\rc\nd\te\u0085\u2028'],
    ['space at both ends', '  x\n ', '  x\n '],
    ['characters outside the basic plane', '😀\u{10FFFF}', '😀\u{10FFFF}'],
    ['control characters', 'a\u0000\u0008\u000B\u001F\uFFFE\uFFFFb\u007F', 'ab\u007F'],
  ])('keeps %s as text', (_, written, kept) => {
    expect(read({ metadata: written })).toEqual([['metadata', kept]]);
  });

  test.each(['data[id]', '', '1', 'a b', '<x>', 'a:b', 'xml\n', '-', 'é', '\u{10000}', 'api_key'])(
    'has an element for the field %j',
    name => {
      const isName = ['é', '\u{10000}', 'api_key'].includes(name);
      expect(read({ [name]: ['text'] })).toEqual([[isName ? name : 'item', [['item', 'text']]]]);
    },
  );

  test('says what the JSON says, whatever the values are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom(
          '&',
          '<',
          '>',
          ']',
          ';',
          '#',
          'a',
          'x',
          '1',
          '"',
          "'",
          '\r',
          '\n',
          ' ',
          '\u0001',
          '\uD800',
          '\uDC00',
        ),
      }),
    );
    const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
    const name = fc.stringMatching(/^[a-z_][a-z_\d]{0,8}$/).filter(one => !(one in {}));
    const { tree } = fc.letrec<{ tree: WireValue }>(tie => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        scalar,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    const clean = (value: WireValue): WireValue => {
      if (typeof value === 'string') return inXml(value);
      if (Array.isArray(value)) return value.map(clean);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, clean(field)]));
    };
    fc.assert(
      fc.property(tree, value => {
        expect(read({ data: value })).toEqual(treeOfJson(toJson({ data: clean(value) })));
      }),
      { numRuns: 500 },
    );
  });
});
