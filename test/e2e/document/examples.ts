/**
 * The examples of the API document, one file each, and an answer held against one. A file names the document's section
 * and example, the request with every parameter the section lists, and the example's answer as it is printed. Fields
 * whose value follows from the request are listed as `determined`. Where the document contradicts itself, or what it
 * prints is not JSON or cannot be, `deviations` say what it prints, what holds instead, and the `kind` or `value` that
 * is expected.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type Kind, type Leaves, leavesOf, pictureOf, readSpelled, type Spelled } from './json-kinds.ts';

type Deviation = { at: string; document: string; ruling: string; kind?: Kind; value?: string };

export type Example = {
  section: string;
  example: string;
  request: { method: string; path: string; fields?: Record<string, unknown> };
  status: number;
  answer: Leaves;
  determined: string[];
  deviations: Deviation[];
};

/** The fields of `data` by the kinds they may have. */
export type WebhookExample = {
  section: string;
  example: string;
  event_type: string;
  status: string;
  fields: Record<string, Kind[]>;
  only_with_a_currency: string[];
  null_in_compatibility_mode: string[];
  deviations: Deviation[];
};

const folder = new URL('fixtures/', import.meta.url);
const textOf = (name: string) => readFileSync(new URL(`${name}.json`, folder), 'utf8');

export const exampleNames: readonly string[] = readdirSync(folder).map(file => file.replace('.json', ''));

export function example(name: string): Example {
  const { answer, status } = readSpelled(textOf(name)) as { answer: unknown; status: Spelled };
  return { ...JSON.parse(textOf(name)), answer: leavesOf(answer), status: Number(status.text) };
}

export const webhookExample = (name: string): WebhookExample => JSON.parse(textOf(name));

/** Fails unless the value, read by readSpelled, has the example's names and kinds and its determined values. */
export function expectAsPrinted(value: unknown, { answer, determined, deviations }: Example): void {
  const [actual, expected] = [leavesOf(value), new Map(answer)];
  const exact = new Map(determined.map(path => [path, expected.get(path)?.text]));
  for (const { at, kind, value: text } of deviations) {
    const printed = expected.get(at);
    if (printed && kind) expected.set(at, { ...printed, kind });
    if (printed && text !== undefined) exact.set(at, text);
  }
  expect(pictureOf(actual)).toEqual(pictureOf(expected));
  const found = [...exact.keys()].map(path => [path, actual.get(path)?.text]);
  expect(found).toEqual([...exact]);
}

/** Fails unless the body of a webhook is the event with its documented fields, each of a kind it may have. */
export function expectAsListed(
  body: string,
  { event_type, status, fields, ...rest }: WebhookExample,
  { currency, compat }: { currency: boolean; compat: boolean },
): void {
  const { data, ...head } = readSpelled(body) as { data: unknown };
  expect(pictureOf(leavesOf(head))).toEqual({ event_type: 'string', retry_count: 'integer' });
  expect(JSON.parse(body)).toMatchObject({ event_type, retry_count: 0, data: { status } });
  const picture = pictureOf(leavesOf(data));
  const listed = Object.keys(fields).filter(name => currency || !rest.only_with_a_currency.includes(name));
  expect(Object.keys(picture)).toEqual(listed.sort());
  for (const [name, kind] of Object.entries(picture)) expect(fields[name], name).toContain(kind);
  for (const name of rest.null_in_compatibility_mode)
    if (compat) expect([name, picture[name]]).toEqual([name, 'null']);
}
