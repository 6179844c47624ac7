/** The catalogue of each language. */
import type { Language } from '../page-state.ts';
import type { Catalogue } from './catalogue.ts';
import { deDE } from './de-de.ts';
import { enUS } from './en-us.ts';
import { esES } from './es-es.ts';
import { frFR } from './fr-fr.ts';
import { ruRU } from './ru-ru.ts';

export const catalogues: Record<Language, Catalogue> = {
  'en-US': enUS,
  'ru-RU': ruRU,
  'de-DE': deDE,
  'es-ES': esES,
  'fr-FR': frFR,
};
