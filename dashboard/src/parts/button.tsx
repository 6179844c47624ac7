/** The one button; `strong` for the act a page is for, `danger` for what cannot be taken back. */
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { classNames } from '../lib/class-names.ts';

export type Tone = 'strong' | 'plain' | 'quiet' | 'danger';

const tones: Record<Tone, string> = {
  strong: 'bg-button text-on-button hover:brightness-110 border-transparent',
  plain: 'bg-card text-text border-edge hover:bg-ground',
  quiet: 'bg-transparent text-accent border-transparent hover:bg-tint',
  danger: 'bg-card text-bad border-bad hover:bg-bad-tint',
};

/** Also for links that look like buttons. */
export const buttonClass = (tone: Tone = 'plain', small = false): string =>
  classNames(
    'inline-flex items-center justify-center gap-2 rounded-lg border font-medium no-underline transition-colors',
    'disabled:opacity-50 disabled:pointer-events-none',
    small ? 'min-h-8 px-2.5 text-sm' : 'min-h-10 px-4',
    tones[tone],
  );

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  tone?: Tone;
  small?: boolean;
  /** Under way: the button says so and cannot be pressed again. */
  busy?: boolean;
  children: ReactNode;
};

export function Button({ tone, small, busy = false, disabled, className, children, type, ...rest }: Props) {
  return (
    <button
      type={type ?? 'button'}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={classNames(buttonClass(tone, small), className)}
      {...rest}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

function Spinner() {
  return (
    <span
      aria-hidden
      className="size-4 animate-spin rounded-full border-2 border-current border-r-transparent motion-reduce:animate-none"
    />
  );
}
