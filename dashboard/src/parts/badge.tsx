/** A state in a word; the colour only repeats what the word says. */
import type { ReactNode } from 'react';

export type BadgeTone = 'good' | 'warn' | 'bad' | 'calm' | 'busy';

const tones: Record<BadgeTone, string> = {
  good: 'bg-good-tint text-good',
  warn: 'bg-warn-tint text-warn',
  bad: 'bg-bad-tint text-bad',
  calm: 'bg-ground text-muted',
  busy: 'bg-tint text-accent',
};

/** `long`: a sentence of several words, which breaks where there is no room for it. */
type Props = { tone: BadgeTone; long?: boolean; children: ReactNode };

export function Badge({ tone, long = false, children }: Props) {
  return (
    <span
      className={`inline-flex items-center rounded-xl px-2.5 py-0.5 text-sm font-medium ${long ? '' : 'whitespace-nowrap'} ${tones[tone]}`}
    >
      {children}
    </span>
  );
}
