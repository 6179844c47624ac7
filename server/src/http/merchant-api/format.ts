/**
 * JSON or XML: `_format` in the URL wins, else the `Accept` header says. Read as the original service (Yii2) reads them;
 * a pure function of the request's head, so that an answer given before anything else was looked at has its form too.
 */
import type { FastifyRequest } from 'fastify';
import { readForm } from '../../lib/form.ts';

export type Format = 'json' | 'xml';

/** Why what was asked for cannot be given: `doubled` covers an array as well. */
type FormatFault = 'doubled' | 'unknown' | 'not_acceptable';

/** The form of the answer, and of the error where there is a fault. */
export type Negotiated = { format: Format; fault: FormatFault | null };

/** Media ranges that lead to a form, in the order in which it is preferred where all else is equal. */
const TYPES: Record<Format, readonly string[]> = {
  json: ['application/json', 'application/*', '*/*'],
  xml: ['application/xml', 'text/xml', 'application/*', 'text/*', '*/*'],
};

/** More ranges than any client sends; what comes after is not looked at. */
const MOST_RANGES = 32;

export function formatOf({ raw, headers }: FastifyRequest): Negotiated {
  return negotiate(raw.url ?? '', headers.accept);
}

export function negotiate(url: string, accept: string | undefined): Negotiated {
  const accepted = byAccept(accept);
  const asked = askedIn(url);
  if (asked === null) return accepted ? { format: accepted, fault: null } : refused('json', 'not_acceptable');
  if (asked === 'json' || asked === 'xml') return { format: asked, fault: null };
  return refused(accepted ?? 'json', asked);
}

const refused = (format: Format, fault: FormatFault): Negotiated => ({ format, fault });

/** What `_format` says; null where it is not there. Names and arrays are read as PHP reads them. */
function askedIn(url: string): Format | 'doubled' | 'unknown' | null {
  const query = url.indexOf('?');
  const read = query < 0 ? null : readForm(url.slice(query + 1));
  if (!read?.ok || typeof read.value !== 'object' || read.value?.type !== 'object') return null;
  const [value, ...more] = read.value.entries.filter(([name]) => name === '_format').map(entry => entry[1]);
  if (value === undefined) return null;
  if (more.length > 0 || typeof value !== 'string') return 'doubled';
  return value === 'json' || value === 'xml' ? value : 'unknown';
}

type Range = { type: string; q: number; at: number };

/** null: neither form is acceptable. A header that names no media range at all leaves the choice to us. */
function byAccept(accept: string | undefined): Format | null {
  if (accept === undefined || accept === '*/*') return 'json';
  const ranges = accept.split(',', MOST_RANGES).flatMap((text, at): Range[] => readRange(text, at));
  if (ranges.length === 0) return 'json';
  const [json, xml] = [best('json', ranges), best('xml', ranges)];
  if (json && xml) return xml.q > json.q || (xml.q === json.q && isNearer(xml, json)) ? 'xml' : 'json';
  if (json) return 'json';
  return xml && 'xml';
}

function readRange(text: string, at: number): Range[] {
  const [type = '', ...parameters] = text.split(';').map(part => part.trim().toLowerCase());
  if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return [];
  const weight = parameters.find(parameter => parameter.startsWith('q='))?.slice(2);
  return [
    {
      type,
      at,
      q: weight === undefined ? 1 : /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0,
    },
  ];
}

type Match = { q: number; wildcard: boolean; at: number };

/** The most specific range that covers a form counts, as RFC 9110, section 12.5.1 has it; null where it says 0 or none does. */
function best(format: Format, ranges: readonly Range[]): Match | null {
  for (const type of TYPES[format]) {
    const found = ranges.find(range => range.type === type);
    if (found) return found.q > 0 ? { q: found.q, wildcard: type.includes('*'), at: found.at } : null;
  }
  return null;
}

/** Of two that are wanted alike, one called by its name, then the one called first; between wildcards it is JSON. */
function isNearer(one: Match, other: Match): boolean {
  if (one.wildcard !== other.wildcard) return other.wildcard;
  return !one.wildcard && one.at < other.at;
}
