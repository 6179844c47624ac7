/**
 * The text under the legacy signature, PHP's `http_build_query(ksort(body + api_key))`, for the bodies that occur here:
 * what this client sends, and the webhooks it receives. Both hold texts, whole numbers, nulls and objects of these.
 */

/** Far more than any webhook needs. Names are repeated on every path, so short bodies could grow long queries. */
const deepest = 8;
const longest = 1024 * 1024;

/**
 * Null for a body that has no one spelling: a number that is not a safe integer, a list, a bracket in a name (it would
 * sign like nesting), half a surrogate pair, or more than any webhook holds. Names are sorted at the top level only.
 */
export function phpQuery(body: object, publicKey: string): string | null {
  const sorted = Object.entries({ ...body, api_key: publicKey }).sort(([a], [b]) => (a < b ? -1 : 1));
  const query: Query = { parts: [], length: 0 };
  return appendFields(query, sorted, deepest) ? query.parts.join('&') : null;
}

type Query = { parts: string[]; length: number };

/** `prefix` is the path so far; without one the fields are those of the top level. False when the body has no spelling. */
function appendFields(query: Query, fields: [string, unknown][], depth: number, prefix?: string): boolean {
  return fields.every(([name, value]) => {
    if (/[[\]\p{Surrogate}]/u.test(name)) return false;
    const path = prefix === undefined ? urlEncode(name) : `${prefix}%5B${urlEncode(name)}%5D`;
    if (value === null || value === undefined) return true;
    if (typeof value !== 'object') return appendScalar(query, path, value);
    return !Array.isArray(value) && depth > 0 && appendFields(query, Object.entries(value), depth - 1, path);
  });
}

function appendScalar(query: Query, path: string, value: unknown): boolean {
  const text = scalarText(value);
  if (text === null || /\p{Surrogate}/u.test(text)) return false;
  const part = `${path}=${urlEncode(text)}`;
  query.parts.push(part);
  query.length += part.length;
  return query.length <= longest;
}

function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return Number.isSafeInteger(value) ? String(value) : null;
}

/** PHP's urlencode: letters, digits, `-`, `_` and `.` stay, a space is `+`, all else its UTF-8 bytes as %XX. */
function urlEncode(text: string): string {
  return encodeURIComponent(text).replace(/%20|[!'()*~]/g, found =>
    found === '%20' ? '+' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
