/** What was before and what was after an act, fact by fact. */
import { useTranslation } from 'react-i18next';

type Facts = Record<string, unknown> | null;

export function Facts({ before, after }: { before: Facts; after: Facts }) {
  const { t } = useTranslation('team');
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (names.length === 0) return <span className="text-muted">–</span>;
  return (
    <ul translate="no" className="grid max-w-md gap-0.5 font-mono text-sm break-words">
      {names.map(name => (
        <li key={name}>
          <span className="text-muted">{name}: </span>
          {before && name in before && (
            <>
              <span className="sr-only">{t('before')} </span>
              <del className="text-muted">{written(before[name])}</del>{' '}
            </>
          )}
          {after && name in after && (
            <>
              <span className="sr-only">{t('after')} </span>
              <ins className="no-underline">{written(after[name])}</ins>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

const LONGEST = 300;

function written(fact: unknown): string {
  const text = typeof fact === 'string' ? fact : JSON.stringify(fact);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
