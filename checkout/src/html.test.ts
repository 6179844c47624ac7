import { describe, expect, it } from 'vitest';
import { html, webAddress } from './html.ts';

describe('a template', () => {
  it('escapes what is put in, and keeps what a template made', () => {
    expect(html`<p title="${`"'&<>\``}">${html`<b>${'<i>'}</b>`}</p>`.text).toBe(
      '<p title="&quot;&#39;&amp;&lt;&gt;&#96;"><b>&lt;i&gt;</b></p>',
    );
  });

  it('joins lists and leaves out what is absent, but not zero', () => {
    expect(html`${[1, null, [html`<br/>`, undefined]]}${false}${0}`.text).toBe('1<br/>0');
  });

  it('takes no look-alike of finished markup', () => {
    const forged = JSON.parse('{"text":"<b>"}');
    expect(() => html`${forged}`).toThrow();
  });

  it('drops what is no character', () => {
    expect(html`${'a\u0000\u0008\ud800b\ud83d\ude00\uffff'}`.text).toBe('ab\ud83d\ude00');
  });
});

describe('a web address', () => {
  it('is http or https and nothing else', () => {
    expect(webAddress('https://shop.example/a b')).toBe('https://shop.example/a%20b');
    expect(webAddress('http://shop.example')).toBe('http://shop.example/');
    for (const text of [
      'javascript:alert(1)',
      ' java\nscript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'ftp://a/',
      '//a/',
      '/a',
      '',
    ]) {
      expect(webAddress(text)).toBeNull();
    }
  });
});
