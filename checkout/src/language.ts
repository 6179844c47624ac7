/** Which of our languages a payer reads: what the link or the shop says, then what the browser asks for, then the merchant's. */
import { type Language, languages } from './page-state.ts';

/** The language of ours that a tag such as `de`, `de-AT` or `RU_ru` means. */
function match(tag: string | null): Language | null {
  const primary = tag?.trim().toLowerCase().split(/[-_]/)[0];
  return primary ? (languages.find(language => language.slice(0, 2) === primary) ?? null) : null;
}

/** Tags of an Accept-Language header by falling weight; those weighed 0 are left out. The header is a stranger's. */
function accepted(header: string): string[] {
  return header
    .slice(0, 1000)
    .split(',')
    .map(part => {
      const [tag = '', ...parameters] = part.split(';').map(text => text.trim());
      const q = parameters.find(text => /^q\s*=/i.test(text))?.split('=')[1];
      const weight = q === undefined ? 1 : Number(q);
      return { tag, weight: weight >= 0 && weight <= 1 ? weight : 0 };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

/** `query` is the `lang` of the link, `invoiceLang` what the shop asked for, `usual` what its merchant set for all others. */
export function negotiateLanguage(
  query: string | null,
  invoiceLang: string | null,
  acceptLanguage: string | null,
  usual: Language | null = null,
): Language {
  for (const tag of [query, invoiceLang, ...accepted(acceptLanguage ?? '')]) {
    const language = match(tag);
    if (language) return language;
  }
  return usual ?? 'en-US';
}
