/** One box to search in, and what the list is narrowed to; the address keeps it all. */
import { type FormEvent, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { assetCodes, networkCodes } from '../../../../server/src/domain/asset.ts';
import { Button } from '../../parts/button.tsx';
import { controlClass, SelectField, TextField } from '../../parts/field.tsx';
import { exceptions, filtersOn, type InvoiceSearch, invoiceSearch, statuses } from './search.ts';

type Props = {
  search: InvoiceSearch;
  merchants: readonly { id: number; name: string }[];
  /** What the server says of a field. */
  errors: Record<string, string>;
  onChange: (search: InvoiceSearch) => void;
};

export function Filters({ search, merchants, errors, onChange }: Props) {
  const { t } = useTranslation('invoices');
  const on = filtersOn(search);
  // Another list begins on a first page of its own.
  const set = (changed: Changed) => onChange(invoiceSearch({ ...search, cursor: 0, ...changed }));
  return (
    <div className="grid gap-3">
      <Find key={search.query} query={search.query ?? ''} onFind={query => set({ query })} />
      <details open={on > 0} className="group rounded-xl border border-line bg-card">
        <summary className="flex min-h-11 items-center gap-2 rounded-xl px-4 font-medium">
          <span aria-hidden className="text-muted transition-transform group-open:rotate-90">
            ›
          </span>
          {t('filters')}
          {on > 0 && <span className="rounded-full bg-tint px-2 text-sm text-accent">{on}</span>}
        </summary>
        <div className="grid grid-cols-2 items-start gap-3 border-t border-line p-4 lg:grid-cols-5">
          <Choices search={search} merchants={merchants} set={set} />
          <Ranges search={search} errors={errors} set={set} />
          {on > 0 && (
            <Button
              tone="quiet"
              className="self-end"
              onClick={() => onChange(search.query ? { query: search.query } : {})}
            >
              {t('clear')}
            </Button>
          )}
        </div>
      </details>
    </div>
  );
}

function Find({ query, onFind }: { query: string; onFind: (query: string) => void }) {
  const { t } = useTranslation('invoices');
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onFind(String(new FormData(event.currentTarget).get('query') ?? ''));
  };
  return (
    <search>
      <form onSubmit={submit} className="flex gap-2">
        <label htmlFor={id} className="sr-only">
          {t('find')}
        </label>
        <input
          id={id}
          name="query"
          type="search"
          defaultValue={query}
          placeholder={t('findHint')}
          maxLength={2000}
          className={controlClass}
        />
        <Button type="submit">{t('find')}</Button>
      </form>
    </search>
  );
}

type Changed = { [Name in keyof InvoiceSearch]?: string };
type Setting = { search: InvoiceSearch; set: (changed: Changed) => void };

function Choices({ search, merchants, set }: Setting & Pick<Props, 'merchants'>) {
  const { t } = useTranslation('invoices');
  return (
    <>
      {merchants.length > 1 && (
        <SelectField
          label={t('merchant')}
          value={search.merchant ?? ''}
          onChange={event => set({ merchant: event.target.value })}
        >
          <option value="">{t('all')}</option>
          {merchants.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      <Choice
        label={t('status')}
        value={search.status}
        options={statuses.map(one => [one, t(`status_${one}`)])}
        onChoose={status => set({ status })}
      />
      <Choice
        label={t('exception')}
        value={search.exception}
        options={exceptions.map(one => [one, t(`exception_${one}`)])}
        onChoose={exception => set({ exception })}
      />
      <Choice
        label={t('network')}
        value={search.network}
        options={networkCodes.map(one => [one, one])}
        onChoose={network => set({ network })}
      />
      <Choice
        label={t('coin')}
        value={search.coin}
        options={assetCodes.map(one => [one, one])}
        onChoose={coin => set({ coin })}
      />
    </>
  );
}

type ChoiceProps = {
  label: string;
  value: string | undefined;
  options: readonly (readonly [value: string, label: string])[];
  onChoose: (value: string) => void;
};

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  const { t } = useTranslation('invoices');
  return (
    <SelectField label={label} value={value ?? ''} onChange={event => onChoose(event.target.value)}>
      <option value="">{t('any')}</option>
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </SelectField>
  );
}

/** Taken when the field is left, so that a half-typed amount asks nothing. */
function Ranges({ search, errors, set }: Setting & Pick<Props, 'errors'>) {
  const { t } = useTranslation('invoices');
  const days = ['from', 'to'] as const;
  const amounts = ['min', 'max'] as const;
  return (
    <>
      {days.map(name => (
        <TextField
          key={name}
          type="date"
          label={t(name)}
          error={errors[name]}
          value={search[name] ?? ''}
          onChange={event => set({ [name]: event.target.value })}
        />
      ))}
      {amounts.map(name => (
        <TextField
          key={`${name} ${search[name]}`}
          inputMode="decimal"
          label={t(name)}
          error={errors[name]}
          defaultValue={search[name] ?? ''}
          onBlur={event => {
            if (event.target.value.trim() !== (search[name] ?? '')) set({ [name]: event.target.value });
          }}
          onKeyDown={event => {
            if (event.key === 'Enter') event.currentTarget.blur();
          }}
        />
      ))}
    </>
  );
}
