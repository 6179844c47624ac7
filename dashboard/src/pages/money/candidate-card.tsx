/** An invoice that a transfer may have been meant for, what speaks for it, and the buttons that say it was, or is a part. */
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CandidateAnswer, StrayAnswer } from '../../../../server/src/http/dashboard-api/money.ts';
import type { AcceptBody, AcceptedAnswer } from '../../../../server/src/http/dashboard-api/money-body.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useAccount, useSession } from '../../session/use-session.ts';

type Props = { transfer: StrayAnswer; candidate: CandidateAnswer };
type Evidence = CandidateAnswer['evidence'][number];

const tones: Partial<Record<Evidence, BadgeTone>> = {
  exact: 'good',
  without_tail: 'good',
  exchange_fee: 'good',
  same_payer: 'good',
  other_network: 'warn',
  other_coin: 'warn',
  other_wallet: 'warn',
  late: 'warn',
  after_cancellation: 'warn',
  already_paid: 'bad',
};

/** What a transfer is given to an invoice as: the words for it, and where that is said to the server. */
type As = { path: string; words: 'accept' | 'part'; tone: 'strong' | 'plain' };
const whole: As = { path: 'accept', words: 'accept', tone: 'strong' };
const part: As = { path: 'accept-part', words: 'part', tone: 'plain' };

export function CandidateCard({ transfer, candidate }: Props) {
  const { t } = useTranslation('money');
  const { may } = useSession();
  const { invoice_id, client_reference_id, due, asset, network, evidence, acceptable, is_part } = candidate;
  return (
    <article className="grid grid-cols-1 gap-3 rounded-xl border border-line p-4">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <Link
          to={`/invoices/${invoice_id}` as string}
          className="min-w-0 font-semibold break-all text-accent"
        >
          {client_reference_id}
        </Link>
        <span className="tabular-nums">
          {due} {asset ?? 'USD'} <span className="text-muted">{network}</span>
        </span>
      </div>
      <ul className="flex flex-wrap gap-1.5">
        {evidence.map(name => (
          <li key={name}>
            <Badge long tone={tones[name] ?? 'calm'}>
              {t(`evidence_${name}`)}
            </Badge>
          </li>
        ))}
      </ul>
      <p className="text-sm text-muted wrap-anywhere">
        {candidate.merchant} · {t(`status_${candidate.status}`)} · <Moment at={candidate.created_at} />
      </p>
      {may('invoices.confirm') && (acceptable || is_part) && (
        <div className="flex flex-wrap gap-2">
          {acceptable && <Accept transfer={transfer} candidate={candidate} as={whole} />}
          {is_part && <Accept transfer={transfer} candidate={candidate} as={part} />}
        </div>
      )}
    </article>
  );
}

function Accept({ transfer, candidate, as: { path, words, tone } }: Props & { as: As }) {
  const { t } = useTranslation('money');
  const { user_id } = useAccount();
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState('');
  const form = useId();
  const act = useAct(
    (body: AcceptBody) =>
      ask<AcceptedAnswer>('POST', `users/${user_id}/money/${transfer.id}/${path}`, { body }),
    { refresh: [['money', user_id], ['tasks'], ['overview'], ['invoices']], onDone: () => setOpen(false) },
  );
  const got = `${transfer.amount} ${transfer.asset}`;
  const due = `${candidate.due} ${candidate.asset ?? 'USD'}`;
  return (
    <>
      <Button tone={tone} onClick={() => setOpen(true)}>
        {t(words)}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={t(`${words}Title`, { reference: candidate.client_reference_id })}
        lead={t(`${words}Lead`, { got, due })}
      >
        <form
          id={form}
          className="grid gap-4"
          onSubmit={event => {
            event.preventDefault();
            act.mutate({ invoice_id: candidate.invoice_id, note });
          }}
        >
          <TextField
            label={t('note')}
            hint={t('noteHint')}
            value={note}
            maxLength={500}
            autoComplete="off"
            onChange={event => setNote(event.target.value)}
            error={fieldsOf(act.error).note}
          />
          <Refused error={act.error} />
          <Button type="submit" tone="strong" busy={act.isPending}>
            {t(`${words}Do`)}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
