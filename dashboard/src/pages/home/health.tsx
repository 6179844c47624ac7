/** What may need somebody: money that nobody knows what it is for, webhooks that fail, networks that lag, rates that age, wallets that fill. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { OverviewAnswer } from '../../../../server/src/http/dashboard-api/overview.ts';
import { Card } from '../../parts/card.tsx';

const MINUTE = 60_000;
/** Beyond these somebody should look. */
const LAGS = 5 * MINUTE;
const OLD_RATES = 15 * MINUTE;

type Tone = 'good' | 'warn' | 'bad' | 'calm';
const colours: Record<Tone, string> = {
  good: 'text-good',
  warn: 'text-warn',
  bad: 'font-medium text-bad',
  calm: 'text-muted',
};

export function Health({ of }: { of: OverviewAnswer }) {
  const { t } = useTranslation('home');
  const { retrying, given_up: gone } = of.webhooks;
  const tried = retrying + gone > 0;
  return (
    <Card title={t('health')}>
      <ul className="grid gap-x-8 gap-y-3 sm:grid-cols-2">
        <Line
          name={
            <Link to="/money" className="text-accent">
              {t('places:money')}
            </Link>
          }
          tone={of.tasks > 0 ? 'bad' : 'good'}
        >
          {of.tasks > 0 ? t('moneyWaits', { n: countOf(of) }) : t('moneyFine')}
        </Line>
        <Line
          name={
            <Link to="/webhooks" className="text-accent">
              {t('webhooks')}
            </Link>
          }
          tone={gone > 0 ? 'bad' : tried ? 'warn' : 'good'}
        >
          {tried ? t('webhooksFailing', { retrying, gone }) : t('webhooksFine')}
        </Line>
        <Rates of={of} />
        {of.networks.map(network => (
          <NetworkLine key={network.code} network={network} />
        ))}
        {of.nearly_full.map(wallet => (
          <FullLine key={wallet.id} wallet={wallet} />
        ))}
      </ul>
    </Card>
  );
}

const countOf = ({ tasks, most_tasks: most }: OverviewAnswer) => (tasks < most ? String(tasks) : `${most}+`);

function Line({ name, tone, children }: { name: ReactNode; tone: Tone; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-2">
      <span>{name}</span>
      <span className={colours[tone]}>{children}</span>
    </li>
  );
}

function Rates({ of: { now, rates_fetched_at: at } }: { of: OverviewAnswer }) {
  const { t, i18n } = useTranslation('home');
  const age = at === null ? 0 : Math.max(0, now - at);
  return (
    <Line name={t('rates')} tone={at === null ? 'calm' : age > OLD_RATES ? 'warn' : 'good'}>
      {at === null ? t('noRates') : t('ago', { time: lengthOf(age, i18n.language) })}
    </Line>
  );
}

function NetworkLine({ network: { code, lag, retired } }: { network: OverviewAnswer['networks'][number] }) {
  const { t, i18n } = useTranslation('home');
  if (retired)
    return (
      <Line name={code} tone="calm">
        {t('retired')}
      </Line>
    );
  if (lag === null)
    return (
      <Line name={code} tone="warn">
        {t('unread')}
      </Line>
    );
  const lags = lag > LAGS;
  return (
    <Line name={code} tone={lags ? 'bad' : 'good'}>
      {lags ? t('behind', { time: lengthOf(lag, i18n.language) }) : t('upToDate')}
    </Line>
  );
}

function FullLine({ wallet }: { wallet: OverviewAnswer['nearly_full'][number] }) {
  const { t, i18n } = useTranslation('home');
  const share = (wallet.used ?? 0) / wallet.max_tail;
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(share);
  const { merchant_name: name, asset, network } = wallet;
  return (
    <li className="sm:col-span-2">
      <Link
        to="/merchants/$merchantId"
        params={{ merchantId: String(wallet.merchant_id) }}
        className="text-warn underline"
      >
        {t('nearlyFull', { name, asset, network, percent })}
      </Link>
    </li>
  );
}

/** A length of time in its largest fitting unit. */
function lengthOf(ms: number, language: string): string {
  const [size, unit]: [number, string] =
    ms >= 60 * MINUTE ? [60 * MINUTE, 'hour'] : ms >= MINUTE ? [MINUTE, 'minute'] : [1000, 'second'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.round(ms / size),
  );
}
