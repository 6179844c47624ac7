/** A payer's visit to a payment page: what a browser would send, and what it would get to see. */
import { expect } from 'vitest';
import { type Answer, send } from './wire.ts';

export const patience = { timeout: 45_000, interval: 20 };

export const FORM = 'application/x-www-form-urlencoded';

export type Visit = { port: number; path: string; origin: string };

export function visitOf({ widget_url }: { widget_url: string }): Visit {
  const { port, pathname, origin } = new URL(widget_url);
  return { port: Number(port), path: pathname, origin };
}

export function view(
  { port, path }: Visit,
  {
    below = '',
    headers = {},
    method = 'GET',
  }: { below?: string; headers?: Record<string, string>; method?: string } = {},
): Promise<Answer> {
  return send(port, { method, path: path + below, headers });
}

/** Sends a form of the page as a browser does; what `headers` sets to '' is left out. */
export function submit(
  { port, path, origin }: Visit,
  form: string,
  { fields = {}, headers = {} }: { fields?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const all = { 'content-type': FORM, origin, 'sec-fetch-site': 'same-origin', ...headers };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  const body = new URLSearchParams(fields).toString();
  return send(port, { method: 'POST', path: `${path}/${form}`, headers: sent, body });
}

/** Where a browser goes that sent this form: the path and query, resolved as it would. */
export function redirectOf({ path, origin }: Visit, form: string, answer: Answer): string {
  expect(answer.status).toBe(303);
  const { pathname, search } = new URL(answer.headers.location ?? '', `${origin}${path}/${form}`);
  return pathname + search;
}

export const screenOf = ({ text }: Answer): string | undefined => /data-screen="(\w+)"/.exec(text)?.[1];

/** Waits until the page shows a screen; answers the page. */
export async function shows(visit: Visit, screen: string): Promise<string> {
  await expect.poll(async () => screenOf(await view(visit)), patience).toBe(screen);
  return (await view(visit)).text;
}
