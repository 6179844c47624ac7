/**
 * A table that reaches to the edges of its card. Where there is no room for its columns each row becomes a card of its own:
 * the first column is its heading, and each other value stands beside the title of its column.
 */
import type { ReactNode } from 'react';
import { classNames } from '../lib/class-names.ts';

export type Column<Row> = {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand under each other from the right. */
  numeric?: boolean;
  /** Somebody's own words, of any length: they break anywhere before they push others out. */
  free?: boolean;
  /** What can be done with a row: its title is for those alone who cannot see around it. */
  acts?: boolean;
};

type Props<Row> = {
  /** Says what the table is of, for those who cannot see around it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  empty: ReactNode;
  /** Its few short columns have room on a phone. */
  narrow?: boolean;
};

/** Browsers forget that a table is one when it is not laid out as one. */
const as = (role: string) => ({ role });

export function Table<Row>({ caption, columns, rows, rowKey, empty, narrow = false }: Props<Row>) {
  if (rows.length === 0) return <div className="px-4 py-6 text-center text-muted">{empty}</div>;
  const stacks = !narrow;
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      className="@container/rows relative -mx-4 overflow-x-auto not-first:mt-4 first:-mt-4 last:-mb-4 focus-visible:-outline-offset-2"
    >
      <table
        {...as('table')}
        className={classNames('w-full border-collapse text-left', stacks && stacked.table)}
      >
        <caption className="sr-only">{caption}</caption>
        <thead {...as('rowgroup')} className={classNames(stacks && stacked.head)}>
          <tr {...as('row')} className="border-b border-line text-sm text-muted">
            {columns.map(column => (
              <th
                key={column.key}
                scope="col"
                {...as('columnheader')}
                className={classNames(
                  'py-2.5 align-bottom font-medium',
                  narrow && 'whitespace-nowrap',
                  cellClass(column, narrow),
                )}
              >
                {column.acts ? <span className="sr-only">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...as('rowgroup')} className={classNames(stacks && stacked.body)}>
          {rows.map(row => (
            <tr
              key={rowKey(row)}
              {...as('row')}
              className={classNames(
                'border-b border-line last:border-0 hover:bg-ground',
                stacks && stacked.row,
              )}
            >
              {columns.map((column, index) => (
                <td
                  key={column.key}
                  {...as('cell')}
                  data-title={column.title}
                  className={classNames(
                    'py-2.5 align-middle',
                    cellClass(column, narrow),
                    column.numeric && 'whitespace-nowrap tabular-nums',
                    stacks && stacked.cell,
                    stacks && (index === 0 ? stacked.first : column.acts ? stacked.acts : stacked.labelled),
                  )}
                >
                  <div className={contentClass(column, stacks)}>{column.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const cellClass = <Row,>({ numeric, acts }: Column<Row>, narrow: boolean): string =>
  classNames(
    narrow ? 'px-2 first:pl-4 last:pr-4' : 'px-3 first:pl-4 last:pr-4',
    (numeric || acts) && 'text-right',
  );

const contentClass = <Row,>({ free, acts }: Column<Row>, stacks: boolean): string =>
  classNames(
    'min-w-0',
    free && 'wrap-anywhere',
    free && stacks && '@3xl/rows:min-w-36',
    acts && 'flex justify-end gap-2 whitespace-nowrap',
    acts && stacks && stacked.actsContent,
  );

/** Below 48rem of its own width. */
const stacked = {
  table: '@max-3xl/rows:block',
  head: '@max-3xl/rows:sr-only',
  body: '@max-3xl/rows:block',
  row: '@max-3xl/rows:block @max-3xl/rows:px-4 @max-3xl/rows:py-3',
  cell: '@max-3xl/rows:px-0! @max-3xl/rows:py-0.5 @max-3xl/rows:text-left @max-3xl/rows:whitespace-normal @max-3xl/rows:[&_.whitespace-nowrap]:whitespace-normal @max-3xl/rows:[&_code]:break-all',
  first: '@max-3xl/rows:block @max-3xl/rows:pb-1',
  labelled:
    '@max-3xl/rows:grid @max-3xl/rows:grid-cols-[40%_minmax(0,1fr)] @max-3xl/rows:items-baseline @max-3xl/rows:gap-x-3 @max-3xl/rows:before:text-sm @max-3xl/rows:before:text-muted @max-3xl/rows:before:content-[attr(data-title)_/_""] @max-3xl/rows:wrap-anywhere',
  acts: '@max-3xl/rows:block @max-3xl/rows:pt-2 @max-3xl/rows:has-[>div:empty]:hidden',
  actsContent: '@max-3xl/rows:flex-wrap @max-3xl/rows:justify-start',
};
