/** Every screen in every language, as a document: well formed, complete, inert, small, and right in its links. */
import { DOMParser, type Document, type Element } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import { address, due, now, screens, stateOf, transactionId } from '../test/samples.ts';
import { catalogues } from './catalogue/catalogues.ts';
import { html } from './html.ts';
import { notices } from './notice.ts';
import { notFoundPage, renderPage } from './page.ts';
import { languages, type PageState } from './page-state.ts';
import { renderMain } from './render-main.ts';

const assets = { style: '/assets/style.1.css', script: '/assets/island.1.js', nonce: 'bm9uY2U=' };
const cases = languages.flatMap(language =>
  Object.entries(screens).map(([name, screen]) => ({ name, language, state: stateOf(screen, language) })),
);
const of = (name: string, more: Partial<PageState> = {}) => stateOf(screens[name]!, 'en-US', more);

function parse(page: string): Document {
  const onError = (level: string, message: string) => {
    throw new Error(`${level}: ${message}`);
  };
  const source = page.replace(/^<!doctype html>\n/, '');
  return new DOMParser({ onError }).parseFromString(source, 'text/xml');
}

const all = (page: string | Document, tag: string): Element[] =>
  Array.from((typeof page === 'string' ? parse(page) : page).getElementsByTagName(tag));
const texts = (page: string, tag: string) => all(page, tag).map(({ textContent }) => textContent);
const attributes = (page: string, tag: string, name: string) =>
  all(page, tag).map(element => element.getAttribute(name));
const refreshes = (page: string) =>
  all(page, 'meta')
    .filter(meta => meta.getAttribute('http-equiv') === 'refresh')
    .map(meta => meta.getAttribute('content'));

describe.each(cases)('$name in $language', ({ language, state }) => {
  const page = renderPage(state, assets);

  it('is a well-formed document in its language, with one heading and one main', () => {
    const document = parse(page);
    expect(document.documentElement?.getAttribute('lang')).toBe(language);
    expect(document.documentElement?.getAttribute('dir')).toBe('ltr');
    expect(all(document, 'h1')).toHaveLength(1);
    expect(all(document, 'main')).toHaveLength(1);
    const ids = all(document, '*').flatMap(element => element.getAttribute('id') || []);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it('holds exactly the main that is served alone', () => {
    expect(page).toContain(renderMain(state));
  });

  it('leaves no text out', () => {
    expect(page).not.toMatch(/undefined|null|\[object|NaN|Infinity|\$\{/);
    for (const tag of ['h1', 'h2', 'p', 'button', 'a', 'title', 'summary', 'legend', 'figcaption']) {
      for (const text of texts(page, tag)) expect(text?.trim(), tag).not.toBe('');
    }
  });

  it('runs and loads nothing but its own two files', () => {
    const document = parse(page);
    expect(all(document, 'style')).toEqual([]);
    expect(all(document, 'script').map(({ textContent }) => textContent)).toEqual(['']);
    expect(attributes(page, 'script', 'src')).toEqual([assets.script]);
    expect(attributes(page, 'link', 'href')).toEqual([assets.style]);
    for (const element of all(document, '*')) {
      const names = Array.from(element.attributes, ({ name }) => name);
      expect(names.filter(name => name === 'style' || name.startsWith('on'))).toEqual([]);
    }
    expect(all(document, 'img')).toEqual([]);
    for (const rel of attributes(page, 'a', 'rel')) expect(rel).toBe('noreferrer noopener');
  });

  it('names every copy button by what it copies, and points at text that is the same', () => {
    const document = parse(page);
    for (const button of all(document, 'button').filter(found => found.hasAttribute('data-copy'))) {
      const source = all(document, '*').find(({ attributes: found }) =>
        Array.from(found).some(
          ({ name, value }) => name === 'id' && value === button.getAttribute('data-of'),
        ),
      );
      expect(source?.textContent).toBe(button.getAttribute('data-copy'));
      expect(button.textContent).not.toBe('');
    }
  });
});

describe('a language', () => {
  it('says everything in its own words', () => {
    const words = languages.map(language =>
      Object.values(screens).map(screen => texts(renderPage(stateOf(screen, language), assets), 'h1')[0]),
    );
    for (const titles of words[0]!.keys()) {
      expect(new Set(words.map(list => list[titles])).size).toBe(languages.length);
    }
  });

  it('names an exchange as its payers do: in Spanish a “bolsa” is where shares are traded', () => {
    const pages = ['choose', 'awaiting'].map(name => renderPage(stateOf(screens[name]!, 'es-ES'), assets));
    for (const page of pages) expect(page).toContain('exchange');
    expect(pages.join()).not.toMatch(/bolsa/i);
  });

  it('counts minutes and confirmations by its rules', () => {
    const minutes = (n: number) => {
      const page = renderPage(
        stateOf(screens.awaiting!, 'ru-RU', { now, expireAt: now + n * 60_000 }),
        assets,
      );
      return texts(page, 'noscript').join();
    };
    expect(minutes(21)).toContain('21 минута');
    expect(minutes(23)).toContain('23 минуты');
    expect(minutes(25)).toContain('25 минут.');
    const page = renderPage(stateOf(screens.confirming!, 'de-DE'), assets);
    expect(page).toContain('7 von 20 Bestätigungen');
  });

  it('writes the price its way, and never the amount to send', () => {
    const page = renderPage(stateOf(screens.awaiting!, 'de-DE'), assets);
    expect(page).toContain('14,30\u00a0€');
    expect(page).toContain('data-copy="15.053"');
    expect(page).not.toContain('15,053');
  });

  it('can be changed by a link, and is kept by every form and every look for news', () => {
    const page = renderPage(stateOf(screens.awaiting!, 'fr-FR'), assets);
    const path = `./${stateOf(screens.awaiting!).pageId}`;
    const links = attributes(page, 'a', 'href').filter(href => href?.includes('?lang='));
    expect(links).toEqual(languages.map(language => `?lang=${language}`));
    expect(attributes(page, 'form', 'action')).toEqual([`${path}/cancel?lang=fr-FR`]);
    expect(attributes(page, 'body', 'data-poll')).toEqual([`${path}/main?lang=fr-FR`]);
  });
});

describe('the screen to choose on', () => {
  it('is a form that sends network and coin', () => {
    const page = renderPage(of('choose'), assets);
    expect(all(page, 'form')[0]!.getAttribute('method')).toBe('post');
    expect(all(page, 'form')[0]!.getAttribute('action')).toMatch(/^\.\/[-0-9a-f]+\/method\?lang=en-US$/);
    expect(attributes(page, 'input', 'name')).toEqual(['from', ...Array(5).fill('method')]);
    expect(attributes(page, 'input', 'value')).toContain('TRC-20:USDT');
    expect(attributes(page, 'input', 'value')[0]).toBe('');
    expect(page).not.toContain('checked');
    expect(renderPage(of('chooseOne'), assets)).toContain('checked');
  });
});

describe('the screen that waits', () => {
  const page = renderPage(of('awaiting'), assets);

  it('says amount, network and address in three steps', () => {
    const [amount, network, to] = all(page, 'ol')[0] ? texts(page, 'li') : [];
    expect(amount).toContain('15.053 USDT');
    expect(network).toContain('Tron TRC-20');
    expect(network).toContain('Only USDT, only on Tron (TRC-20)');
    expect(to).toContain(address);
  });

  it('marks the last digits and explains them', () => {
    expect(texts(page, 'mark')).toEqual(['53']);
    expect(page).toContain('15.0<mark>53</mark>');
    const plain = renderPage(stateOf({ kind: 'awaiting', due: { ...due, tail: 0 }, others: [] }), assets);
    expect(all(plain, 'mark')).toEqual([]);
    expect(plain).not.toContain('Keep the last digits');
  });

  it('keeps the address in one piece for whoever copies it', () => {
    const exact = all(page, 'bdi').find(element => element.getAttribute('id') === 'address');
    expect(exact?.textContent).toBe(address);
    expect(exact?.getAttribute('dir')).toBe('ltr');
    expect(exact?.getAttribute('translate')).toBe('no');
  });

  it('offers to change coin or network where there is another one, by a form that says from what', () => {
    const changing = renderPage(of('awaitingOthers'), assets);
    expect(texts(changing, 'details')[0]).toContain('Pay with another coin or network');
    expect(texts(changing, 'details')[0]).toContain('it still counts');
    expect(attributes(changing, 'form', 'action')[0]).toMatch(/^\.\/[-0-9a-f]+\/method\?lang=en-US$/);
    expect(attributes(changing, 'input', 'name')).toEqual(['from', 'method', 'method']);
    expect(attributes(changing, 'input', 'value')).toEqual(['TRC-20:USDT', 'BEP-20:USDT', 'ERC-20:USDC']);
    expect(page).not.toContain('id="change"');
  });

  it('offers to cancel only where that is possible, and not by one tap', () => {
    expect(texts(page, 'details').join()).toContain('Yes, cancel it');
    expect(all(renderPage(of('awaiting', { canCancel: false }), assets), 'details')).toEqual([]);
  });

  it('is the same text at every moment, so that it need not be sent again', () => {
    const main = renderMain(of('awaiting'));
    expect(renderMain(of('awaiting', { now: now + 60_000 }))).toBe(main);
    expect(main).toContain(`data-expire="${now + 23 * 60_000}"`);
    expect(page).toContain(`data-now="${now}"`);
  });
});

describe.each(languages)('where the network cannot be read, in %s', language => {
  const text = (name: string) => texts(renderPage(stateOf(screens[name]!, language), assets), 'main').join();
  const { expired: over, checking, change } = catalogues[language];
  const shop = html`Nordlicht Coffee`;

  it.each(['paused', 'pausedRetired'])('%s shows nothing of what to send, and no end of the time', name => {
    for (const wrong of [address, due.amount, checking.lead, over.title])
      expect(text(name)).not.toContain(wrong);
    expect(text(name)).toContain(catalogues[language].cancel.ask);
  });

  it('says that it will be read again only where it will, and leaves another coin to be chosen', () => {
    expect(text('paused')).toContain(catalogues[language].paused.sent);
    expect(text('paused')).toContain(change.ask);
    expect(text('pausedRetired')).not.toContain(catalogues[language].paused.sent);
    expect(text('pausedRetired')).not.toContain(catalogues[language].paused.wait);
    // That it still counts may not be so.
    for (const name of ['paused', 'pausedRetired']) expect(text(name)).not.toContain(change.kept);
  });

  it('does not say of a time nobody has looked at that nothing was seen, nor sends the payer to pay again', () => {
    expect(text('expired')).toContain(over.stop);
    expect(text('expiredUnread')).toContain(over.unread);
    expect(text('expiredUnread')).toContain('Nordlicht Coffee');
    for (const wrong of [over.stop, over.restart(shop).text])
      expect(text('expiredUnread')).not.toContain(wrong);
  });
});

describe('what the merchant set', () => {
  const logo = { url: './logos/ab', width: 120, height: 60 };

  it('shows its logo beside its name, in the space it takes, to the eye alone', () => {
    const { merchant } = of('awaiting');
    const [image, ...more] = all(
      renderPage(of('awaiting', { merchant: { ...merchant, logo } }), assets),
      'img',
    );
    expect(more).toEqual([]);
    const attribute = (name: string) => image!.getAttribute(name);
    expect(['src', 'width', 'height', 'alt'].map(attribute)).toEqual([logo.url, '120', '60', '']);
  });

  it('says what the code holds', () => {
    const caption = (name: string) => texts(renderPage(of(name), assets), 'figcaption')[0];
    expect(caption('awaiting')).toContain('the address only');
    expect(caption('awaitingLong')).toContain('address, amount and network');
  });

  it('names who may frame the page, and loads the script for that, only where somebody may', () => {
    const framed = { ...assets, framed: '/assets/framed.1.js' };
    const page = renderPage(of('awaiting', { parents: ['https://a.example', 'https://b.example'] }), framed);
    expect(attributes(page, 'body', 'data-parents')).toEqual(['https://a.example https://b.example']);
    // It comes first, for the other one asks whether it is framed.
    expect(attributes(page, 'script', 'src')).toEqual([framed.framed, assets.script]);
    expect(renderPage(of('awaiting'), framed)).toBe(renderPage(of('awaiting'), assets));
  });
});

describe('after the end', () => {
  const last = (name: string, more: Partial<PageState> = {}) => {
    const page = renderPage(of(name, more), assets);
    return { page, links: attributes(page, 'a', 'href').filter(href => !href?.includes('?lang=')) };
  };

  it('sends the payer to the shop by itself only after payment, and only to its own host', () => {
    expect(refreshes(last('paid').page)).toEqual(['8;url=https://nordlicht.example/thanks']);
    expect(last('paid').page).toContain('data-back="https://nordlicht.example/thanks"');
    const asked = last('paid', { back: { url: 'https://else.example/', automatic: false } });
    expect(refreshes(asked.page)).toEqual([]);
    expect(asked.page).toContain('data-back=""');
    expect(asked.links).toEqual(['https://else.example/']);
    for (const name of ['expired', 'cancelled', 'expiredLate', 'cancelledLate']) {
      const back = { url: 'https://nordlicht.example/', automatic: true };
      expect(refreshes(last(name, { back, cancel: back }).page)).toEqual([]);
    }
  });

  it.each([
    ['paid', 'https://nordlicht.example/thanks'],
    ['expired', 'https://nordlicht.example/basket'],
    ['expiredLate', 'https://nordlicht.example/basket'],
    ['cancelled', 'https://nordlicht.example/basket'],
  ])('%s leads to the right place', (name, url) => {
    expect(last(name).links).toEqual([url]);
    const nowhere = { back: null, cancel: null };
    expect(last(name, nowhere).links).toEqual(['https://nordlicht.example/']);
  });

  it('tells who paid too late that nothing is lost, with the transaction', () => {
    for (const name of ['expiredLate', 'cancelledLate']) {
      const { page } = last(name);
      expect(page).toContain('Nothing is lost');
      expect(page).toContain(`data-copy="${transactionId}"`);
    }
  });

  it.each(languages)('tells who got it back so, and no more that the shop has it, in %s', language => {
    const words = catalogues[language];
    const shop = html`<bdi>Nordlicht Coffee</bdi>`;
    for (const name of ['expiredReturned', 'cancelledReturned', 'paidReturned']) {
      const page = renderPage(stateOf(screens[name]!, language), assets);
      for (const wrong of [words.late.safe(shop), words.late.rejected(shop), words.paid.ask(shop)])
        expect(page).not.toContain(wrong.text);
      expect(page).toContain(words.returned[name === 'paidReturned' ? 'surplus' : 'late'](shop).text);
      expect(page).toContain(words.returned.missing(shop).text);
      // What gave it back, where the shop has named it.
      expect(all(page, 'bdi').some(found => found.getAttribute('id') === 'refund')).toBe(
        name !== 'cancelledReturned',
      );
    }
  });

  it('tells who sees that nothing came not to pay, and what to do if they have', () => {
    const text = texts(last('expired').page, 'main').join();
    expect(text).toContain('Do not pay to this address any more');
    expect(text).toContain('Keep its transaction ID');
    expect(text).not.toContain(address);
  });
});

describe('looking for news', () => {
  const every = (name: string) => attributes(renderPage(of(name), assets), 'main', 'data-every')[0];

  it('goes on while something may change, with scripts and without', () => {
    for (const name of ['choose', 'chooseNone', 'awaiting', 'confirming', 'checking', 'paused']) {
      expect(every(name)).toBe('4');
      expect(refreshes(renderPage(of(name), assets))).toEqual(['20']);
    }
  });

  it('ends when nothing will, and slows down when only a late payment may come, or be given back', () => {
    for (const name of ['paid', 'paidReturned', 'expiredReturned', 'cancelledReturned'])
      expect(every(name)).toBe('');
    for (const name of ['expired', 'cancelled', 'expiredLate', 'cancelledLate', 'paidAgain'])
      expect(every(name)).toBe('30');
    for (const name of ['expired', 'expiredLate', 'cancelled', 'cancelledLate']) {
      expect(refreshes(renderPage(of(name), assets))).toEqual([]);
    }
  });
});

describe('a notice', () => {
  it.each(notices)('%s is an alert above the usual screen, which reloads without it', notice => {
    const state = of('awaiting');
    const page = renderPage(state, assets, notice);
    const alerts = all(page, 'p').filter(found => found.getAttribute('role') === 'alert');
    expect(alerts).toHaveLength(1);
    expect(page).toContain(renderMain(state));
    expect(refreshes(page)).toEqual(['20;url=?lang=en-US']);
  });
});

describe('a link to nowhere', () => {
  it.each(languages)('is told in %s, without a script, and asks for nothing', language => {
    const page = notFoundPage(language, assets);
    expect(all(page, 'h1')).toHaveLength(1);
    expect(all(page, 'script')).toEqual([]);
    expect(all(page, 'form')).toEqual([]);
  });
});

describe('hostile text', () => {
  const markup = '"><svg onload=alert(1)>\'`</title></script><!--{{constructor}}\u0000\u001b\ud800';
  const hostile: Partial<PageState> = {
    pageId: '../"><b>',
    merchant: { name: `${markup}\u202e`, url: 'javascript:alert(1)', logo: null },
    description: `${markup}\u202e\u2066`,
    price: { amount: '1"><i>', currency: '"><i>' },
    back: { url: 'javascript:alert(1)', automatic: true },
    cancel: { url: 'data:text/html,<script>alert(1)</script>', automatic: false },
  };

  it.each(Object.keys(screens))('is only text on the screen %s', name => {
    const page = renderPage(of(name, hostile), assets);
    const clean = renderPage(of(name, { back: null, cancel: null }), assets);
    const tags = (text: string) => all(text, '*').map(({ tagName }) => tagName);
    const without = (list: string[]) => list.filter(tag => tag !== 'a' && tag !== 'bdi' && tag !== 'span');
    expect(without(tags(page))).toEqual(without(tags(clean)));
    expect(page).not.toMatch(/(href|content|data-back)="[^"]*(javascript|data):/);
    expect(all(page, 'bdi')[0]!.textContent).toContain('<svg onload=alert(1)>');
    expect(texts(page, 'title')[0]).not.toContain('\u202e');
    expect(page).not.toContain('/../');
  });

  it('does not leave the address it is put into', () => {
    const url = 'https://shop.example/a?b=";content="0;url=https://evil.example/\'>';
    const page = renderPage(of('paid', { back: { url, automatic: true } }), assets);
    expect(refreshes(page)).toEqual([
      '8;url=https://shop.example/a?b=%22;content=%220;url=https://evil.example/%27%3E',
    ]);
  });
});
