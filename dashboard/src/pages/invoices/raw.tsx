/** Everything that is stored of an invoice, as text: nothing in it can run. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { PlainText } from '../../parts/plain-text.tsx';
import { useAccount } from '../../session/use-session.ts';

export function Raw({ id }: { id: number }) {
  const { t } = useTranslation('invoice');
  const { user_id } = useAccount();
  const query = useQuery({
    queryKey: ['invoice-raw', user_id, id],
    queryFn: ({ signal }) => ask<unknown>('GET', `users/${user_id}/invoices/${id}/raw`, { signal }),
  });
  return (
    <Answered query={query}>
      {raw => {
        const text = JSON.stringify(raw, null, 2);
        return (
          <div className="grid gap-3">
            <div className="flex items-center justify-between gap-3">
              <p className="text-muted">{t('rawLead')}</p>
              <CopyButton text={text} />
            </div>
            <PlainText label={t('raw')} tall>
              {text}
            </PlainText>
          </div>
        );
      }}
    </Answered>
  );
}
