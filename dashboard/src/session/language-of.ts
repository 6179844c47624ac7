/** The language of the app as the server calls it: `en` of `en-US`. */
import type { Language as Tag } from '../words/words.ts';
import { languages } from '../words/words.ts';

const short = ['en', 'ru', 'de', 'es', 'fr'] as const;
export type ShortLanguage = (typeof short)[number];

export const shortOf = (tag: string): ShortLanguage => short.find(one => tag.startsWith(one)) ?? 'en';

export const tagOf = (language: string): Tag => languages.find(tag => tag.startsWith(language)) ?? 'en-US';
