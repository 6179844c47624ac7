/** Something the person should know, beside what it is about. */
import type { ReactNode } from 'react';

const tones = {
  good: 'border-good bg-good-tint text-good',
  warn: 'border-warn bg-warn-tint text-warn',
  bad: 'border-bad bg-bad-tint text-bad',
  calm: 'border-line bg-ground text-text',
};

export function Notice({ tone, children }: { tone: keyof typeof tones; children: ReactNode }) {
  return (
    <div role={tone === 'bad' ? 'alert' : 'status'} className={`rounded-lg border px-4 py-3 ${tones[tone]}`}>
      {children}
    </div>
  );
}
