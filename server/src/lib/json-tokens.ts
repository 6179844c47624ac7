/**
 * Reads JSON without losing what JSON.parse loses: how a number was written, the order of keys, and keys given twice.
 * The legacy request signature is made from exactly these, so every signed body passes through here. Strict RFC 8259,
 * and equal to PHP's json_decode in what it refuses (invalid UTF-8, unpaired surrogate escapes, a byte order mark).
 */
import { fail, ok, type Result } from './result.ts';

/** A number keeps its text (`10.0` is not `10`); an object keeps every entry in the order written, doubles included. */
export type JsonNode =
  | { type: 'object'; entries: [string, JsonNode][] }
  | { type: 'array'; items: JsonNode[] }
  | { type: 'number'; text: string }
  | string
  | boolean
  | null;

/** `text` is a sentence fit for the sender of the body; it never quotes the body. */
export type JsonFault = { reason: 'encoding' | 'syntax' | 'depth' | 'size'; text: string };

/**
 * `maxDepth`: objects and arrays inside one another, at most 511 (PHP's default depth of 512 counts the innermost
 * value as one). `maxValues`: values in all, because sorting keys as PHP does can take quadratic time.
 */
export type JsonLimits = { maxDepth?: number; maxValues?: number };

const deepest = 511;
const mostValues = 1000;

type Reader = { text: string; at: number; depth: number; values: number; fault: JsonFault | null };

/** Reads one JSON text. Nesting beyond the limit is refused at the bracket that exceeds it, so the stack stays small. */
export function readJson(body: string | Uint8Array, limits: JsonLimits = {}): Result<JsonNode, JsonFault> {
  const text = typeof body === 'string' ? wellFormed(body) : decode(body);
  if (text === null) return fail({ reason: 'encoding', text: 'The body is not valid UTF-8.' });
  const reader: Reader = {
    text,
    at: 0,
    depth: Math.min(limits.maxDepth ?? deepest, deepest),
    values: limits.maxValues ?? mostValues,
    fault: null,
  };
  const node = readValue(reader);
  skipSpace(reader);
  if (node !== undefined && reader.at < text.length) refuse(reader);
  return node === undefined || reader.fault
    ? fail(reader.fault ?? { reason: 'syntax', text: 'The body is not valid JSON.' })
    : ok(node);
}

function wellFormed(text: string): string | null {
  return /\p{Surrogate}/u.test(text) ? null : text;
}

/** A byte order mark is kept, so that the reader refuses it as the stray character it is. */
function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Records the first fault; `undefined` is what every reading function returns after one. */
function refuse(reader: Reader, reason: JsonFault['reason'] = 'syntax'): undefined {
  const said = {
    encoding: 'The body is not valid UTF-8.',
    syntax: `The body is not valid JSON (at character ${reader.at}).`,
    depth: 'The body is nested too deeply.',
    size: 'The body holds too many values.',
  };
  reader.fault ??= { reason, text: said[reason] };
  return undefined;
}

function skipSpace(reader: Reader): void {
  for (; reader.at < reader.text.length; reader.at++) {
    const code = reader.text.charCodeAt(reader.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
  }
}

/** Steps over `mark` when it comes next. */
function accept(reader: Reader, mark: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== mark) return false;
  reader.at++;
  return true;
}

function readValue(reader: Reader): JsonNode | undefined {
  skipSpace(reader);
  if (reader.values-- === 0) return refuse(reader, 'size');
  switch (reader.text[reader.at]) {
    case '{':
      return nested(reader, readObject);
    case '[':
      return nested(reader, readArray);
    case '"':
      return readString(reader);
    case 't':
      return readWord(reader, 'true', true);
    case 'f':
      return readWord(reader, 'false', false);
    case 'n':
      return readWord(reader, 'null', null);
    default:
      return readNumber(reader);
  }
}

function nested(reader: Reader, read: (reader: Reader) => JsonNode | undefined): JsonNode | undefined {
  if (reader.depth === 0) return refuse(reader, 'depth');
  reader.depth--;
  reader.at++;
  const node = read(reader);
  reader.depth++;
  return node;
}

function readObject(reader: Reader): JsonNode | undefined {
  const entries: [string, JsonNode][] = [];
  if (accept(reader, '}')) return { type: 'object', entries };
  for (;;) {
    skipSpace(reader);
    if (reader.text[reader.at] !== '"') return refuse(reader);
    const key = readString(reader);
    if (key === undefined) return undefined;
    if (!accept(reader, ':')) return refuse(reader);
    const value = readValue(reader);
    if (value === undefined) return undefined;
    entries.push([key, value]);
    if (accept(reader, '}')) return { type: 'object', entries };
    if (!accept(reader, ',')) return refuse(reader);
  }
}

function readArray(reader: Reader): JsonNode | undefined {
  const items: JsonNode[] = [];
  if (accept(reader, ']')) return { type: 'array', items };
  for (;;) {
    const item = readValue(reader);
    if (item === undefined) return undefined;
    items.push(item);
    if (accept(reader, ']')) return { type: 'array', items };
    if (!accept(reader, ',')) return refuse(reader);
  }
}

function readWord<T extends boolean | null>(reader: Reader, word: string, value: T): T | undefined {
  if (!reader.text.startsWith(word, reader.at)) return refuse(reader);
  reader.at += word.length;
  return value;
}

function readNumber(reader: Reader): JsonNode | undefined {
  const lexeme = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  lexeme.lastIndex = reader.at;
  const text = lexeme.exec(reader.text)?.[0];
  if (text === undefined) return refuse(reader);
  reader.at += text.length;
  return { type: 'number', text };
}

function readString(reader: Reader): string | undefined {
  const { text } = reader;
  let value = '';
  let from = ++reader.at;
  for (; reader.at < text.length; reader.at++) {
    const code = text.charCodeAt(reader.at);
    if (code === 0x22) return value + text.slice(from, reader.at++);
    if (code < 0x20) return refuse(reader);
    if (code !== 0x5c) continue;
    const written = escapeAt(text, reader.at);
    if (written === undefined) return refuse(reader);
    value += text.slice(from, reader.at) + (JSON.parse(`"${written}"`) as string);
    reader.at += written.length - 1;
    from = reader.at + 1;
  }
  return refuse(reader);
}

/** One escape as written; a surrogate counts only as a whole pair, as PHP has it. */
function escapeAt(text: string, at: number): string | undefined {
  const escaped =
    /\\(?:["\\/bfnrt]|u(?![Dd][89A-Fa-f])[\dA-Fa-f]{4}|u[Dd][89ABab][\dA-Fa-f]{2}\\u[Dd][C-Fc-f][\dA-Fa-f]{2})/y;
  escaped.lastIndex = at;
  return escaped.exec(text)?.[0];
}
