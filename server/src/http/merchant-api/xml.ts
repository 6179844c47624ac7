/**
 * Answers as XML in the shape of Yii2's XmlResponseFormatter: root `response`, an element a field, `item` for the
 * entries of a list and for a name that XML does not allow, null an empty element.
 */
import { create } from 'xmlbuilder2';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces.js';
import { ExactNumber, type WireValue } from '../wire.ts';

/** A name without a colon, by the productions of XML 1.0, section 2.3. */
const START =
  'A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const NAME = new RegExp(`^[${START}][${START}\\-.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040]*$`, 'u');

export function toXml(value: WireValue): string {
  const document = create({ version: '1.0', encoding: 'UTF-8', keepNullNodes: true, invalidCharReplacement });
  fill(document.ele('response'), value);
  return document.end();
}

/** XML has no way to write a control character: it is dropped. Half a character leaves a mark. */
function invalidCharReplacement(character: string): string {
  return /\p{Surrogate}/u.test(character) ? '\uFFFD' : '';
}

function fill(element: XMLBuilder, value: WireValue): void {
  if (value === null) return;
  if (value instanceof ExactNumber) element.txt(value.text);
  else if (typeof value !== 'object') element.txt(plain(String(value)));
  else if (isList(value)) for (const item of value) fill(element.ele('item'), item);
  else
    for (const [name, field] of Object.entries(value))
      fill(element.ele(NAME.test(name) ? name : 'item'), field);
}

const isList = (value: object): value is readonly WireValue[] => Array.isArray(value);

/**
 * xmlbuilder2 takes text that looks like an entity or a character reference for one and lets it through, and readers
 * turn line ends other than a line feed into one. Written as references, all arrive as they are.
 */
function plain(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replace(/[\r\u0085\u2028]/g, character => `&#${character.charCodeAt(0)};`);
}
