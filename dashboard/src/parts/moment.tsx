/** A moment in the person's own time and way of writing it, exact to the second on hover. */
import { useTranslation } from 'react-i18next';

type Props = {
  at: number | null;
  dateOnly?: boolean;
  /** With its second, where things follow one another closely. */
  exact?: boolean;
};

export function Moment({ at, dateOnly = false, exact = false }: Props) {
  const { i18n } = useTranslation();
  if (at === null) return <span className="text-muted">–</span>;
  const date = new Date(at);
  const short = new Intl.DateTimeFormat(i18n.language, {
    dateStyle: 'medium',
    ...(!dateOnly && { timeStyle: exact ? 'medium' : 'short' }),
  });
  const full = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'full', timeStyle: 'long' });
  return (
    <time dateTime={date.toISOString()} title={full.format(date)} className="whitespace-nowrap">
      {short.format(date)}
    </time>
  );
}
