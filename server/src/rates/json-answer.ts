/** JSON answers with every number still as its text. */
import { type JsonNode, readJson } from '../lib/json-tokens.ts';
import { fail, type Result } from '../lib/result.ts';

const LIMITS = { maxDepth: 8, maxValues: 100_000 };

export function readJsonAnswer(body: Uint8Array): Result<JsonNode> {
  const read = readJson(body, LIMITS);
  return read.ok ? read : fail(read.fault.text);
}

/** The one field of that name; undefined where there is none, or where it is given twice and so says nothing. */
export function field(node: JsonNode | undefined, name: string): JsonNode | undefined {
  const found = entriesOf(node).filter(([key]) => key === name);
  return found.length === 1 ? found[0]?.[1] : undefined;
}

/** The entries of an object, doubles included; none of anything else. */
export function entriesOf(node: JsonNode | undefined): readonly [string, JsonNode][] {
  return isNode(node) && node.type === 'object' ? node.entries : [];
}

/** The items of an array; none of anything else. */
export function itemsOf(node: JsonNode | undefined): readonly JsonNode[] {
  return isNode(node) && node.type === 'array' ? node.items : [];
}

/** A string, or a number as it was written; empty for anything else, which is then not a number. */
export function textOf(node: JsonNode | undefined): string {
  if (typeof node === 'string') return node;
  return isNode(node) && node.type === 'number' ? node.text : '';
}

/** Unix seconds or milliseconds; NaN for anything else. Times are no money: a float holds them exactly. */
export function timeOf(node: JsonNode | undefined, unit: 'seconds' | 'milliseconds'): number {
  const text = textOf(node);
  return /^\d{9,14}$/.test(text) ? Number(text) * (unit === 'seconds' ? 1000 : 1) : Number.NaN;
}

function isNode(node: JsonNode | undefined): node is Exclude<JsonNode, string | boolean | null> {
  return typeof node === 'object' && node !== null;
}
