/** What was before and what was after an act, fact by fact: a few at once, many when they are asked for. */
import { useTranslation } from 'react-i18next';

type Facts = Record<string, unknown> | null;
type Props = { before: Facts; after: Facts };

/** More than these make a line of the log so tall that the next act is out of sight. */
const SHOWN = 3;

export function Facts({ before, after }: Props) {
  const { t } = useTranslation('team');
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (names.length === 0) return <span className="text-muted">–</span>;
  if (names.length <= SHOWN) return <List names={names} before={before} after={after} />;
  return (
    <details>
      <summary className="text-accent">{t('factsCount', { n: names.length })}</summary>
      <List names={names} before={before} after={after} />
    </details>
  );
}

function List({ names, before, after }: Props & { names: readonly string[] }) {
  const { t } = useTranslation('team');
  return (
    <ul translate="no" className="grid gap-0.5 font-mono text-[0.8125rem] wrap-anywhere">
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
