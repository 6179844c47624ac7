/** The languages a payer's page is written in, as the API names them. */
export const pageLanguages = ['en-US', 'ru-RU', 'de-DE', 'es-ES', 'fr-FR'] as const;
export type PageLanguage = (typeof pageLanguages)[number];
