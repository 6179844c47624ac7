/** An invoice made by hand: a price and a page to send to the payer. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type {
  CreatedInvoiceAnswer,
  CreateInvoiceBody,
} from '../../../../server/src/http/dashboard-api/create-invoice.ts';
import type { InvoicesAnswer } from '../../../../server/src/http/dashboard-api/invoices.ts';
import { Page } from '../../layout/page.tsx';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useAccount } from '../../session/use-session.ts';
import { languageNames, languages } from '../../words/words.ts';

type Merchants = InvoicesAnswer['merchants'];

export function NewInvoice() {
  const { t } = useTranslation('invoices');
  const { user_id } = useAccount();
  const query = useQuery({
    queryKey: ['invoices', user_id, {}],
    queryFn: ({ signal }) => ask<InvoicesAnswer>('GET', `users/${user_id}/invoices`, { signal }),
  });
  return (
    <Page title={t('create')} lead={t('newLead')}>
      <Answered query={query}>
        {({ merchants }) => (merchants.length === 0 ? <NoMerchant /> : <NewForm merchants={merchants} />)}
      </Answered>
    </Page>
  );
}

function NoMerchant() {
  const { t } = useTranslation('invoices');
  return (
    <Card>
      <p>{t('noMerchant')}</p>
      <Link to={'/merchants' as '/'} className={`${buttonClass('strong')} mt-3`}>
        {t('toMerchants')}
      </Link>
    </Card>
  );
}

type Made = { merchant: string; body: CreateInvoiceBody };

function NewForm({ merchants }: { merchants: Merchants }) {
  const { t } = useTranslation('invoices');
  const { user_id } = useAccount();
  const act = useAct(
    ({ merchant, body }: Made) =>
      ask<CreatedInvoiceAnswer>('POST', `users/${user_id}/merchants/${merchant}/invoices`, { body }),
    { refresh: [['invoices']] },
  );
  const errors = fieldsOf(act.error);
  if (act.data) return <Ready made={act.data} onAnother={() => act.reset()} />;
  return (
    <Card className="max-w-2xl">
      <form
        className="grid gap-4"
        onSubmit={event => {
          event.preventDefault();
          act.mutate(made(fieldsIn(event.currentTarget)));
        }}
      >
        <MainFields merchants={merchants} errors={errors} />
        <MoreFields errors={errors} />
        {Object.keys(errors).length === 0 && <Refused error={act.error} />}
        <Button type="submit" tone="strong" busy={act.isPending} className="justify-self-start">
          {t('make')}
        </Button>
      </form>
    </Card>
  );
}

function made(value: (name: string) => string): Made {
  const language = languages.find(one => one === value('language')) ?? null;
  return {
    merchant: value('merchant'),
    body: {
      amount: value('amount'),
      currency: value('currency'),
      client_reference_id: value('client_reference_id'),
      description: value('description'),
      metadata: value('metadata'),
      back_url: value('back_url'),
      cancel_url: value('cancel_url'),
      language,
    },
  };
}

type Errors = { errors: Record<string, string> };

function MainFields({ merchants, errors }: Errors & { merchants: Merchants }) {
  const { t } = useTranslation('invoices');
  return (
    <>
      <SelectField name="merchant" label={t('merchant')}>
        {merchants.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <div className="grid gap-4 sm:grid-cols-[1fr_8rem]">
        <TextField
          name="amount"
          label={t('amount')}
          error={errors.amount}
          inputMode="decimal"
          autoComplete="off"
          required
        />
        <TextField
          name="currency"
          label={t('currency')}
          error={errors.currency}
          defaultValue="USD"
          maxLength={3}
          autoCapitalize="characters"
          className="uppercase"
          required
        />
      </div>
      <TextField
        name="description"
        label={t('invoice:description')}
        hint={t('descriptionHint')}
        error={errors.description}
        maxLength={100}
      />
      <TextField
        name="client_reference_id"
        label={t('reference')}
        hint={t('referenceHint')}
        error={errors.client_reference_id}
        maxLength={255}
        autoComplete="off"
      />
    </>
  );
}

function MoreFields({ errors }: Errors) {
  const { t } = useTranslation('invoices');
  const isWrong = ['metadata', 'back_url', 'cancel_url'].some(name => errors[name]);
  return (
    <details open={isWrong || undefined}>
      <summary className="min-h-8 font-medium text-accent">{t('more')}</summary>
      <div className="mt-3 grid gap-4">
        <TextField
          name="metadata"
          label={t('invoice:metadata')}
          hint={t('metadataHint')}
          error={errors.metadata}
          maxLength={2000}
        />
        <TextField
          name="back_url"
          type="url"
          label={t('backUrl')}
          error={errors.back_url}
          placeholder="https://"
        />
        <TextField
          name="cancel_url"
          type="url"
          label={t('cancelUrl')}
          error={errors.cancel_url}
          placeholder="https://"
        />
        <SelectField name="language" label={t('language')}>
          <option value="">{t('languageAuto')}</option>
          {languages.map(language => (
            <option key={language} value={language} lang={language}>
              {languageNames[language]}
            </option>
          ))}
        </SelectField>
      </div>
    </details>
  );
}

function Ready({ made, onAnother }: { made: CreatedInvoiceAnswer; onAnother: () => void }) {
  const { t } = useTranslation('invoices');
  return (
    <Card className="max-w-2xl">
      <div className="grid gap-4">
        <Notice tone="good">{t('made')}</Notice>
        <div className="flex flex-wrap items-center justify-between gap-2 rounded-lg border border-line bg-ground p-3">
          <Code wrap>{made.page_url}</Code>
          <CopyButton text={made.page_url} label={t('invoice:copyPage')} />
        </div>
        <div className="flex flex-wrap gap-2">
          <Link to="/invoices/$id" params={{ id: String(made.id) }} className={buttonClass('strong')}>
            {t('toInvoice')}
          </Link>
          <Button onClick={onAnother}>{t('another')}</Button>
        </div>
      </div>
    </Card>
  );
}
