/** A moment in the person's own time and way of writing it, exact to the second on hover. */
import { useTranslation } from 'react-i18next';

export function Moment({ at, dateOnly = false }: { at: number | null; dateOnly?: boolean }) {
  const { i18n } = useTranslation();
  if (at === null) return <span className="text-muted">–</span>;
  const date = new Date(at);
  const short = new Intl.DateTimeFormat(
    i18n.language,
    dateOnly ? { dateStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' },
  );
  const full = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'full', timeStyle: 'long' });
  return (
    <time dateTime={date.toISOString()} title={full.format(date)} className="whitespace-nowrap">
      {short.format(date)}
    </time>
  );
}
