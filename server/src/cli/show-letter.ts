/** What `dev` does with a letter: nobody is written to, and whoever is at the terminal reads it, link and all. */
import type { SendLetter } from '../lib/smtp.ts';
import { note } from './output.ts';

export const showLetter: SendLetter = async ({ to, subject, text }) => {
  const lines = [`Letter to ${to}: ${subject}`, '', ...text.trimEnd().split('\n')];
  note(['', ...lines.map(line => `  | ${line}`.trimEnd()), ''].join('\n'));
};
