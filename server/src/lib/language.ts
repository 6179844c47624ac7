/** The languages that people are spoken to in. */
export const languages = ['en', 'ru', 'de', 'es', 'fr'] as const;
export type Language = (typeof languages)[number];
