/**
 * HTML that escapes by itself. Whatever is put into a template is text and is escaped, unless it is Html made by a
 * template; so a shop's name can never become markup by an oversight.
 */

/** Finished markup. Only `html` makes it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes. A list is joined; null, undefined and false leave nothing, so that parts may be left out. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Control characters and halves of surrogate pairs are no text: neither HTML nor XML may hold them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed.
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ud800-\udfff\ufffe\uffff]/gu;

const escapeText = (text: string) =>
  text.replace(controls, '').replace(/[&<>"'`]/g, found => entities[found] ?? '');

function render(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(render).join('');
  return escapeText(String(content));
}

/** A template. Attributes must be quoted in it. */
export function html(strings: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(strings.map((text, i) => text + render(contents[i])).join(''));
}

/** A web address as it may stand in a link, or null for anything but http and https. */
export function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  return protocol === 'http:' || protocol === 'https:' ? href : null;
}
