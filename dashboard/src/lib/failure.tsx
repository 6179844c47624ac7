/** What is shown where an answer should stand: that it is on its way, or why there is none. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { faultInWords } from '../words/faults.ts';
import { refusalName } from '../words/refusals.ts';
import { Refusal } from './api.ts';

/** In words: what the server said, or that it could not be asked. */
function reasonOf(error: unknown, unreachable: string): string {
  if (error instanceof Refusal) return error.status === 0 ? unreachable : error.message;
  return error instanceof Error ? error.message : String(error);
}

/** The same in the person's language: what is known by its code is said in our words, what is not in the server's. */
function useReason(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return error => {
    const key = error instanceof Refusal ? `refusals:${refusalName(error.code)}` : '';
    return key !== '' && i18n.exists(key) ? t(key) : reasonOf(error, t('unreachable'));
  };
}

/** In a form: why it was refused; nothing while it was not. */
export function Refused({ error }: { error: unknown }) {
  const reason = useReason();
  return error ? <Notice tone="bad">{reason(error)}</Notice> : null;
}

/** What is known stays to be seen when asking again was in vain, and it is said that it was. */
type Props<Answer> = { query: UseQueryResult<Answer>; children: (answer: Answer) => ReactNode };

export function Answered<Answer>({ query, children }: Props<Answer>) {
  const { t } = useTranslation();
  const reason = useReason();
  if (query.data !== undefined)
    return (
      <>
        {query.isError && <Notice tone="warn">{reason(query.error)}</Notice>}
        {children(query.data)}
      </>
    );
  if (query.isError) {
    return (
      <Notice tone="bad">
        <p>{reason(query.error)}</p>
        <Faults error={query.error} />
        <Button small className="mt-2" onClick={() => void query.refetch()}>
          {t('retry')}
        </Button>
      </Notice>
    );
  }
  return (
    <p role="status" className="py-10 text-center text-muted">
      {t('loading')}
    </p>
  );
}

/** What was wrong with what an address asked for, by the names that stand in it. */
function Faults({ error }: { error: unknown }) {
  const fields = error instanceof Refusal ? Object.entries(error.fields) : [];
  if (fields.length === 0) return null;
  return (
    <ul className="mt-1">
      {fields.map(([field, faults]) => (
        <li key={field}>
          <code>{field}</code>: {faults.map(faultInWords).join('; ')}
        </li>
      ))}
    </ul>
  );
}
