/**
 * The rate sources, played on loopback: recorded answers under each source's real path, dated today. `dev` and the tests
 * ask it through the same code that asks the real ones. The recordings are explained in rates/fixtures/README.md.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RateSourceName, rateSourceNames, rateSources } from '../rates/registry.ts';

/** Seen from the sources and from what is built of them: only code is built. */
const fixtures = new URL('../../src/rates/fixtures/', import.meta.url);

type Recorded = { file: string; type: string; date: (text: string, now: Date) => string };

const JSON_TYPE = 'application/json; charset=utf-8';
const day = (now: Date) => now.toISOString().slice(0, 10);
const seconds = (now: Date) => Math.floor(now.getTime() / 1000).toString();
const undated = (text: string) => text;

const recorded: Record<RateSourceName, Recorded> = {
  kraken: { file: 'made/kraken.json', type: JSON_TYPE, date: undated },
  coinbase: { file: 'made/coinbase.json', type: JSON_TYPE, date: undated },
  okx: {
    file: 'made/okx.json',
    type: JSON_TYPE,
    date: (text, now) => text.replace(/"ts": "\d+"/g, `"ts": "${now.getTime()}"`),
  },
  binance: { file: 'made/binance.json', type: JSON_TYPE, date: undated },
  coingecko: {
    file: 'made/coingecko.json',
    type: JSON_TYPE,
    date: (text, now) => text.replace(/("last_updated_at": )\d+/g, `$1${seconds(now)}`),
  },
  ecb: {
    file: 'made/ecb.xml',
    type: 'text/xml',
    date: (text, now) => text.replace(/time='[\d-]+'/, `time='${day(now)}'`),
  },
  nbrb: {
    file: 'recorded/nbrb_rates_daily_2026-03-17.json',
    type: JSON_TYPE,
    date: (text, now) => text.replace(/"Date":"[\d-]+T/g, `"Date":"${day(now)}T`),
  },
  cbr: {
    file: 'recorded/cbr_XML_daily_2026-04-25.xml',
    type: 'application/xml; charset=windows-1251',
    date: (text, now) => text.replace(/Date="[\d.]+"/, `Date="${day(now).split('-').reverse().join('.')}"`),
  },
  'open-er-api': {
    file: 'made/open-er-api.json',
    type: JSON_TYPE,
    date: (text, now) => text.replace(/("time_last_update_unix": )\d+/, `$1${seconds(now)}`),
  },
};

/** The body a source gives at `now`. Byte for byte but for the dates: one of them is in windows-1251. */
export function recordedAnswer(name: RateSourceName, now: Date): Buffer {
  const { file, date } = recorded[name];
  return Buffer.from(date(readFileSync(new URL(file, fixtures), 'latin1'), now), 'latin1');
}

type Reply = { status?: number; headers?: Record<string, string>; body: Uint8Array | string };

export type RateAnswers = {
  /** What the configuration says for every source to be asked here. */
  settings: Record<RateSourceName, { url: string }>;
  /** Lets a source answer this from now on; null: its recorded answer again. */
  put(name: RateSourceName, reply: Reply | null): void;
  /** How often a source was asked. */
  asked(name: RateSourceName): number;
  stop(): Promise<void>;
};

/** `port` 0: one that the system gives. `now` is asked at every request. */
export async function openRateAnswers(options: { port: number; now: () => number }): Promise<RateAnswers> {
  const replies = new Map<RateSourceName, Reply>();
  const asked = new Map<RateSourceName, number>();
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const name = rateSourceNames.find(one => rateSources[one].path.split('?')[0] === path);
    if (!name) return void response.writeHead(404).end();
    asked.set(name, (asked.get(name) ?? 0) + 1);
    send(response, name, replies.get(name) ?? { body: recordedAnswer(name, new Date(options.now())) });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    settings: Object.fromEntries(rateSourceNames.map(name => [name, { url }])) as RateAnswers['settings'],
    put: (name, reply) => void (reply ? replies.set(name, reply) : replies.delete(name)),
    asked: name => asked.get(name) ?? 0,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, name: RateSourceName, { status = 200, headers, body }: Reply): void {
  response.writeHead(status, { 'content-type': recorded[name].type, ...headers }).end(body);
}
