/** A labelled control with its hint and its error, tied together for those who cannot see them side by side. */
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import { classNames } from '../lib/class-names.ts';

export const controlClass =
  'w-full min-h-10 rounded-lg border border-edge bg-card px-3 py-2 text-text placeholder:text-muted aria-invalid:border-bad';

type Around = { label: ReactNode; hint?: ReactNode; error?: string | undefined };

/** What every control of a field needs to know of its label, hint and error. */
type Tied = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean };

export function Field({ label, hint, error, children }: Around & { children: (tied: Tied) => ReactNode }) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="grid min-w-0 grid-cols-1 gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({
        id,
        ...(described ? { 'aria-describedby': described } : {}),
        ...(error ? { 'aria-invalid': true } : {}),
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

export function TextField({
  label,
  hint,
  error,
  className,
  ...rest
}: Around & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {tied => <input type="text" {...tied} {...rest} className={classNames(controlClass, className)} />}
    </Field>
  );
}

/** React gives a select its `defaultValue` once and never again; with another one it is another select. */
export function SelectField({
  label,
  hint,
  error,
  className,
  children,
  ...rest
}: Around & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {tied => (
        <select
          key={String(rest.defaultValue)}
          {...tied}
          {...rest}
          className={classNames(controlClass, className)}
        >
          {children}
        </select>
      )}
    </Field>
  );
}

/** A yes or no with its explanation. */
export function CheckField({
  label,
  hint,
  ...rest
}: { label: ReactNode; hint?: ReactNode } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className="flex gap-3">
      <input
        id={id}
        type="checkbox"
        className="mt-1 size-5 shrink-0 accent-button"
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...rest}
      />
      <div>
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
