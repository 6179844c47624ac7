/** What is shown where an answer should stand: that it is on its way, or why there is none. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Refusal } from './api.ts';

/** In words: what the server said, or that it could not be asked. */
export function reasonOf(error: unknown, unreachable: string): string {
  if (error instanceof Refusal) return error.status === 0 ? unreachable : error.message;
  return error instanceof Error ? error.message : String(error);
}

type Props<Answer> = { query: UseQueryResult<Answer>; children: (answer: Answer) => ReactNode };

export function Answered<Answer>({ query, children }: Props<Answer>) {
  const { t } = useTranslation();
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) {
    return (
      <Notice tone="bad">
        <p>{reasonOf(query.error, t('unreachable'))}</p>
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
