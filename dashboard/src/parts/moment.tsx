/** A moment in the person's own time and way of writing it, exact to the second on hover. */
import { useTranslation } from 'react-i18next';

type Props = {
  at: number | null;
  dateOnly?: boolean;
  /** With its second, where things follow one another closely. */
  exact?: boolean;
};

/** Of this year one need not be told. */
const yearOf = (year: number) => (year === new Date().getFullYear() ? {} : { year: 'numeric' as const });

export function Moment({ at, dateOnly = false, exact = false }: Props) {
  const { i18n } = useTranslation();
  if (at === null) return <span className="text-muted">–</span>;
  const date = new Date(at);
  const short = new Intl.DateTimeFormat(i18n.language, {
    month: 'short',
    day: 'numeric',
    ...yearOf(date.getFullYear()),
    ...(!dateOnly && { hour: 'numeric', minute: '2-digit', ...(exact && { second: '2-digit' }) }),
  });
  const full = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'full', timeStyle: 'long' });
  return (
    <time dateTime={date.toISOString()} title={full.format(date)} className="whitespace-nowrap">
      {short.format(date)}
    </time>
  );
}

/** A whole day as the server counted it (YYYY-MM-DD): it is the same day in every time zone. */
export function Day({ day }: { day: string }) {
  const { i18n } = useTranslation();
  const date = new Date(day);
  const short = new Intl.DateTimeFormat(i18n.language, {
    month: 'short',
    day: 'numeric',
    ...yearOf(date.getUTCFullYear()),
    timeZone: 'UTC',
  });
  return (
    <time dateTime={day} className="whitespace-nowrap">
      {short.format(date)}
    </time>
  );
}
