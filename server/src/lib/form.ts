/**
 * Reads an `application/x-www-form-urlencoded` body into the same tree as JSON, by the rules of PHP's parse_str: the
 * legacy API is a PHP service, and its signature is made over the array PHP sees. All values are strings.
 * Source: php.net/manual/en/function.parse-str.php. Kept equal to PHP 8.2 by test/php-differential.ts.
 */
import type { JsonFault, JsonNode } from './json-tokens.ts';
import { phpIndex } from './php-number.ts';
import { fail, ok, type Result } from './result.ts';

type Tree = Extract<JsonNode, { type: 'object' }>;

/** PHP's own bounds: `max_input_vars` and `max_input_nesting_level`. Here more of either refuses the whole body. */
const mostFields = 1000;
const deepest = 64;

/** A flat field given twice is kept twice, so that a reader who must refuse doubles can see them; the last one counts. */
export function readForm(text: string): Result<JsonNode, JsonFault> {
  const root: Tree = { type: 'object', entries: [] };
  if (text.includes('\0')) return fail({ reason: 'syntax', text: 'The body holds a NUL character.' });
  const segments = text.split('&', mostFields + 1).filter(segment => segment !== '');
  if (segments.length > mostFields) return fail({ reason: 'size', text: 'The body holds too many fields.' });
  for (const segment of segments) {
    const cut = segment.indexOf('=');
    const name = decode(cut < 0 ? segment : segment.slice(0, cut));
    const value = cut < 0 ? '' : decode(segment.slice(cut + 1));
    if (name === null || value === null)
      return fail({ reason: 'encoding', text: 'The body is not valid UTF-8.' });
    const path = fieldPath(name);
    if (path.length > deepest + 1) return fail({ reason: 'depth', text: 'The body is nested too deeply.' });
    if (path.length > 0) put(root, path, value);
  }
  return ok(root);
}

/** `+` is a space, %XX a byte; a stray `%` stays as it is. Null when the bytes are not UTF-8. */
function decode(text: string): string | null {
  const bytes = Buffer.from(text.replaceAll('+', ' ')).toString('latin1');
  const plain = bytes.replace(/%([\dA-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(plain, 'latin1'));
  } catch {
    return null;
  }
}

/** `a[b][]` → `['a', 'b', null]`, null being "the next index". Empty when PHP would drop the field. */
function fieldPath(raw: string): (string | null)[] {
  const name = (raw.split('\0')[0] ?? '').replace(/^ +/, '');
  const parts = /^([^[]*)((?:\[[^\]]*\])*)/.exec(name);
  const indexes = parts?.[2] ?? '';
  // An opening bracket that is never closed is part of the name.
  const flat = indexes === '' ? name : (parts?.[1] ?? '');
  if (flat === '' || flat.startsWith('[')) return [];
  const path: (string | null)[] = [flat.replace(/[ .[]/g, '_')];
  for (const [, index = ''] of indexes.matchAll(/\[([^\]]*)\]/g)) {
    path.push(/^[ \t\n\r\v\f]?$/.test(index) ? null : index);
  }
  return path;
}

function put(tree: Tree, path: (string | null)[], value: string): void {
  let at = tree;
  for (const [depth, step] of path.entries()) {
    const key = step ?? nextIndex(at);
    if (key === null) return;
    if (depth < path.length - 1) at = subtree(at, key);
    else at.entries.push([key, value]);
  }
}

/** The tree at a key, where the last value there is a tree; else a new one, which then hides that value. */
function subtree(parent: Tree, key: string): Tree {
  const last = parent.entries.findLast(([name]) => name === key)?.[1];
  if (typeof last === 'object' && last !== null && last.type === 'object') return last;
  const fresh: Tree = { type: 'object', entries: [] };
  parent.entries.push([key, fresh]);
  return fresh;
}

/** One above the highest integer key so far; null when there is none above it. */
function nextIndex({ entries }: Tree): string | null {
  let next: bigint | null = null;
  for (const [key] of entries) {
    const index = phpIndex(key);
    if (index !== null && (next === null || index >= next)) next = index + 1n;
  }
  return phpIndex((next ?? 0n).toString())?.toString() ?? null;
}
