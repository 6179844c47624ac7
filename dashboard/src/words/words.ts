/** The words of one part of the app in all five languages, side by side, so that none is forgotten: the compiler says so. */

export const languages = ['en-US', 'ru-RU', 'de-DE', 'es-ES', 'fr-FR'] as const;
export type Language = (typeof languages)[number];

/** How each language calls itself. */
export const languageNames: Record<Language, string> = {
  'en-US': 'English',
  'ru-RU': 'Русский',
  'de-DE': 'Deutsch',
  'es-ES': 'Español',
  'fr-FR': 'Français',
};

/**
 * Texts by language, then by name. English has the plurals `_one` and `_other`, Russian `_one`, `_few`, `_many`, as
 * Intl.PluralRules names them; a name with a plural ending may be missing in the languages that have no such form.
 */
export type Words = Record<Language, Record<string, string>>;

type Plain<Name extends string> = Name extends `${string}_${'one' | 'few' | 'many' | 'other'}` ? never : Name;

/** The plural forms a language has. */
type Plurals = { [Name in `${string}_${'one' | 'few' | 'many' | 'other'}`]?: string };

export function words<const English extends Record<string, string>>(
  english: English,
  others: Record<Exclude<Language, 'en-US'>, Record<Plain<keyof English & string>, string> & Plurals>,
): Words {
  return { 'en-US': english, ...others };
}
