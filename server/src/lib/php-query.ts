/**
 * PHP's `http_build_query(ksort($body + api_key))`, the text under the legacy signature of requests and webhooks.
 * Sources: the API document's signature example, php.net/manual/en/function.http-build-query.php. Kept equal to
 * PHP 8.2 by test/php-differential.ts.
 */
import type { JsonNode } from './json-tokens.ts';
import { phpKsort } from './php-ksort.ts';
import { phpNumber } from './php-number.ts';

/** Values of our own that are to be signed. Numbers must be safe integers: a float has no one spelling across PHP hosts. */
export type PlainValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue | undefined };

/**
 * The canonical query string of a body. `api_key` takes the place of a field of that name; only the top level is
 * sorted; null, and what is empty, is left out. A body that is no object or array signs as an empty one. The path of a
 * value is repeated for each value below it, so bound the number of values when reading what strangers send.
 */
export function phpQuery(body: JsonNode, apiKey: string): string {
  const fields = phpArray(body) ?? new Map<string, JsonNode>();
  fields.set('api_key', apiKey);
  const parts: string[] = [];
  for (const key of phpKsort([...fields.keys()])) append(parts, urlEncode(key), fields.get(key) ?? null);
  return parts.join('&');
}

/** The tree of a value of our own, equal to what reading its JSON text gives. Fields that are undefined are left out. */
export function plainTree(value: PlainValue): JsonNode {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return { type: 'number', text: value.toString() };
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError('a number to be signed is not a safe integer');
    return { type: 'number', text: (value + 0).toString() };
  }
  if (isList(value)) return { type: 'array', items: value.map(plainTree) };
  const entries: [string, JsonNode][] = [];
  for (const [key, field] of Object.entries(value))
    if (field !== undefined) entries.push([key, plainTree(field)]);
  return { type: 'object', entries };
}

const isList = (value: object): value is readonly PlainValue[] => Array.isArray(value);

/** What json_decode makes of a node: of a key given twice the last value, in the place of the first. */
function phpArray(node: JsonNode): Map<string, JsonNode> | null {
  if (node === null || typeof node !== 'object' || node.type === 'number') return null;
  if (node.type === 'object') return new Map(node.entries);
  return new Map(node.items.map((item, index) => [String(index), item]));
}

function append(parts: string[], name: string, node: JsonNode): void {
  if (node === null) return;
  const fields = phpArray(node);
  if (fields) for (const [key, value] of fields) append(parts, `${name}%5B${urlEncode(key)}%5D`, value);
  else parts.push(`${name}=${scalar(node)}`);
}

function scalar(node: JsonNode): string {
  if (typeof node === 'string') return urlEncode(node);
  if (typeof node === 'boolean') return node ? '1' : '0';
  return node !== null && node.type === 'number' ? urlEncode(phpNumber(node.text)) : '';
}

/** PHP's urlencode: letters, digits, `-`, `_` and `.` stay, a space is `+`, all else its UTF-8 bytes as %XX. */
function urlEncode(text: string): string {
  return encodeURIComponent(text).replace(/%20|[!'()*~]/g, found =>
    found === '%20' ? '+' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
