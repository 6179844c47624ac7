/** Test mode: shown where the server says so and nowhere else, in every language, and never like a payment. */
import { gzipSync } from 'node:zlib';
import { DOMParser, type Document, type Element } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import { screens, stateOf, transactionId } from '../../test/samples.ts';
import { renderPage } from '../page.ts';
import { languages, type PageState, type Simulated, type Simulation } from '../page-state.ts';
import { renderMain } from '../render-main.ts';
import { style } from '../style.ts';

const assets = { style: '/s.css', script: '/i.js' };
const every: Simulation[] = [
  'exact',
  'less',
  'more',
  'late',
  'twice',
  'wrong-token',
  'block',
  'reorg',
  'expire',
];
const done: Simulated = {
  action: 'twice',
  transactionIds: [transactionId, `0x${transactionId}`],
  fault: null,
};
const inTestMode = (language: PageState['language'], simulate: PageState['simulate']) =>
  stateOf(screens.awaiting!, language, simulate && { simulate });

function parse(page: string): Document {
  const onError = (level: string, message: string) => {
    throw new Error(`${level}: ${message}`);
  };
  return new DOMParser({ onError }).parseFromString(page.replace(/^<!doctype html>\n/, ''), 'text/xml');
}

const elements = (root: Document | Element, tag: string) => Array.from(root.getElementsByTagName(tag));
const drawerOf = (page: string) =>
  elements(parse(page), 'details').find(element => element.getAttribute('id') === 'simulate');
const noticeOf = (page: string) =>
  elements(parse(page), 'p').find(element => element.getAttribute('id') === 'notice');

describe.each(languages)('the drawer in %s', language => {
  const page = renderPage(inTestMode(language, { actions: every, done }), assets);

  it('is one form with a button for each action, which says what it does', () => {
    const drawer = drawerOf(page)!;
    const [form, ...others] = elements(drawer, 'form');
    expect(others).toEqual([]);
    expect(form!.getAttribute('method')).toBe('post');
    expect(form!.getAttribute('action')).toBe(
      `./${stateOf(screens.awaiting!).pageId}/simulate?lang=${language}`,
    );
    const buttons = elements(drawer, 'button');
    expect(buttons.map(button => button.getAttribute('value'))).toEqual(every);
    expect(new Set(buttons.map(button => button.textContent)).size).toBe(every.length);
    for (const button of buttons) {
      expect([button.getAttribute('name'), button.getAttribute('type')]).toEqual(['action', 'submit']);
      const id = button.getAttribute('aria-describedby');
      const hint = elements(drawer, 'p').find(found => found.getAttribute('id') === id);
      expect(hint?.textContent).not.toBe('');
    }
  });

  it('says in its own words that no real money is meant, also in what it has done', () => {
    const mark = elements(drawerOf(page)!, 'summary')[0]!.textContent!.split(' · ')[0]!;
    const others = languages.filter(other => other !== language);
    for (const other of others)
      expect(renderPage(inTestMode(other, { actions: every, done }), assets)).not.toContain(mark);
    const notice = noticeOf(page)!;
    expect(notice.textContent).toContain(mark);
    for (const id of done.transactionIds) expect(notice.textContent).toContain(`: ${id}.`);
  });

  it('leaves the page as small as it has to be', () => {
    expect(gzipSync(page).length + gzipSync(style).length).toBeLessThan(22 * 1024);
  });
});

describe('the drawer', () => {
  it('is on no page that was not given test mode, or has nothing to try', () => {
    for (const screen of Object.values(screens)) {
      expect(renderPage(stateOf(screen), assets)).not.toMatch(/simulate|Test mode/);
      const simulate = { actions: [], done: null };
      expect(drawerOf(renderPage(stateOf(screen, 'en-US', { simulate }), assets))).toBeUndefined();
    }
  });

  it('is on every screen below all else, and changes with it', () => {
    for (const screen of Object.values(screens)) {
      const main = renderMain(stateOf(screen, 'en-US', { simulate: { actions: ['block'], done: null } }));
      expect(main).toMatch(/<\/details><\/main>$/);
      expect(main.match(/value="block"/g)).toHaveLength(1);
    }
  });

  it('is closed until something was tried', () => {
    const open = (given: Simulated | null) =>
      drawerOf(renderPage(inTestMode('en-US', { actions: every, done: given }), assets))!.hasAttribute(
        'open',
      );
    expect([open(null), open(done)]).toEqual([false, true]);
  });
});

describe('what was tried', () => {
  const notice = (given: Partial<Simulated>) =>
    noticeOf(renderPage(inTestMode('en-US', { actions: every, done: { ...done, ...given } }), assets))!;

  it('is told once, and is an alert where it did not work', () => {
    expect(notice({}).getAttribute('role')).toBe('status');
    const failed = notice({ fault: 'final', transactionIds: [] });
    expect(failed.getAttribute('role')).toBe('alert');
    expect(failed.textContent).toContain('can no longer be undone');
    const page = renderPage(inTestMode('en-US', { actions: every, done }), assets);
    expect(page).toContain('content="20;url=?lang=en-US"');
  });

  it('is not lost where nothing more can be tried', () => {
    const state = stateOf(screens.expired!, 'en-US', { simulate: { actions: [], done } });
    expect(noticeOf(renderPage(state, assets))?.textContent).toContain('Pay twice: Done.');
  });
});
