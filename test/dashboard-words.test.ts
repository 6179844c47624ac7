/** What the server may refuse, and what it may find wrong, is said in every language of the dashboard. */
import { describe, expect, test } from 'vitest';
import { faults } from '../dashboard/src/words/faults.ts';
import { refusalName, refusals } from '../dashboard/src/words/refusals.ts';
import { languages } from '../dashboard/src/words/words.ts';
import { ruleCodes } from '../server/src/commands/rule.ts';
import { errorCodes } from '../server/src/http/dashboard-api/codes.ts';

/** The server tells no such thing: the app does. */
const ownCodes = ['failed', 'passkey_unused'];

describe.each(languages)('in %s', language => {
  test('every code of an error has words, and no other has', () => {
    const said = refusals[language];
    expect(Object.keys(said).toSorted()).toEqual([...errorCodes.map(refusalName), ...ownCodes].toSorted());
    expect(Object.values(said).filter(text => text.trim() === '')).toEqual([]);
  });

  test('the words are of this language', () => {
    if (language === 'en-US') return;
    const english = Object.entries(refusals['en-US']);
    expect(english.filter(([code, text]) => refusals[language][code] === text)).toEqual([]);
  });

  test('every rule has words, with the same numbers in them', () => {
    // English is the server's own.
    if (language === 'en-US') return;
    expect(Object.keys(faults[language]).toSorted()).toEqual([...ruleCodes].toSorted());
    const places = (text = '') => (text.match(/\{\{\w+\}\}/g) ?? []).toSorted();
    for (const code of ruleCodes)
      expect(places(faults[language][code])).toEqual(places(faults['ru-RU'][code]));
  });
});
