/** The page of a payment link in every language: well formed, complete, and without a word of the price in its form. */
import { DOMParser, type Document } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import { type LinkState, renderLink } from './link-page.ts';
import { languages } from './page-state.ts';

const assets = { style: '/assets/style.1.css', script: '/assets/island.1.js' };

const stateOf = (more: Partial<LinkState> = {}): LinkState => ({
  linkId: 'Zm9yIHRlc3RzIG9ubHkuLg',
  language: 'en-US',
  merchant: { name: 'Nordlicht Coffee' },
  description: 'Two bags of Yirgacheffe, ground',
  price: { amount: '14.30', currency: 'EUR' },
  token: 'dG9rZW4gb2YgYSBmb3JtLg',
  standing: 'open',
  earlier: null,
  notice: null,
  ...more,
});

function parse(page: string): Document {
  const onError = (level: string, message: string) => {
    throw new Error(`${level}: ${message}`);
  };
  return new DOMParser({ onError }).parseFromString(page.replace(/^<!doctype html>\n/, ''), 'text/xml');
}

const all = (page: string, tag: string) => Array.from(parse(page).getElementsByTagName(tag));

describe.each(languages)('in %s', language => {
  const page = renderLink(stateOf({ language }), assets);

  it('is a whole document with one heading, one form and no script', () => {
    expect(parse(page).documentElement?.getAttribute('lang')).toBe(language);
    for (const tag of ['h1', 'main', 'form', 'button']) expect(all(page, tag)).toHaveLength(1);
    expect(all(page, 'script')).toEqual([]);
    expect(page).not.toMatch(/undefined|null|\[object|NaN|\$\{/);
    for (const tag of ['h1', 'p', 'button', 'title'])
      for (const { textContent } of all(page, tag)) expect(textContent?.trim()).not.toBe('');
  });

  it('names the shop, the thing and the price', () => {
    const text = parse(page).documentElement?.textContent ?? '';
    for (const part of ['Nordlicht Coffee', 'Two bags of Yirgacheffe', '14']) expect(text).toContain(part);
  });

  it('sends nothing but the token of the form', () => {
    const [form] = all(page, 'form');
    expect([form!.getAttribute('method'), form!.getAttribute('action')]).toEqual([
      'post',
      `./Zm9yIHRlc3RzIG9ubHkuLg?lang=${language}`,
    ]);
    const fields = all(page, 'input').map(input => [input.getAttribute('name'), input.getAttribute('value')]);
    expect(fields).toEqual([['token', 'dG9rZW4gb2YgYSBmb3JtLg']]);
  });

  it.each(['busy', 'unavailable'] as const)(
    'says in an alert that it is %s, and can be tried again',
    notice => {
      const said = renderLink(stateOf({ language, notice }), assets);
      const alerts = all(said, 'p').filter(found => found.getAttribute('role') === 'alert');
      expect(alerts.map(({ textContent }) => textContent?.length ?? 0)[0]).toBeGreaterThan(20);
      expect(alerts).toHaveLength(1);
      expect(all(said, 'form')).toHaveLength(1);
    },
  );
});

it.each(languages)('of a link that is paid, or being paid, says so in %s, and asks for nothing', language => {
  const titles = (['underway', 'paid'] as const).map(standing => {
    const page = renderLink(stateOf({ language, standing, earlier: '../payment/x' }), assets);
    expect([all(page, 'form'), all(page, 'input')]).toEqual([[], []]);
    // Somebody else may have the link as well.
    expect(page).not.toContain('../payment/x');
    return all(page, 'h1')[0]!.textContent;
  });
  expect(new Set([...titles, '']).size).toBe(3);
});

it.each(languages)('leads to what the payer began before, in %s', language => {
  const links = (earlier: string | null) =>
    all(renderLink(stateOf({ language, earlier }), assets), 'a').filter(
      link => link.getAttribute('href') === '../payment/x',
    );
  expect(links(null)).toEqual([]);
  expect(links('../payment/x')).toHaveLength(1);
});

it('says everything in each language’s own words', () => {
  const words = languages.map(language => {
    const page = renderLink(stateOf({ language, notice: 'busy' }), assets);
    return ['h1', 'button'].map(tag => all(page, tag)[0]!.textContent);
  });
  for (const at of [0, 1]) expect(new Set(words.map(list => list[at])).size).toBe(languages.length);
});

it('shows hostile words as text', () => {
  const markup = `"><svg onload=alert(1)>'</title></script>\u202e`;
  const page = renderLink(
    stateOf({
      linkId: '../"><b>',
      merchant: { name: markup },
      description: markup,
      price: { amount: '1"><i>', currency: '"><i>' },
      token: '"><i>',
    }),
    assets,
  );
  for (const tag of ['svg', 'i', 'b', 'script']) expect(all(page, tag)).toEqual([]);
  expect(all(page, 'title')[0]!.textContent).not.toContain('\u202e');
  expect(page).not.toContain('/../');
});
