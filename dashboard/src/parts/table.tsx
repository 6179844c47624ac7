/** A table that stays a table: on narrow screens it scrolls sideways within itself, reachable by keyboard. */
import type { ReactNode } from 'react';
import { classNames } from '../lib/class-names.ts';

export type Column<Row> = {
  key: string;
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Numbers stand under each other from the right. */
  numeric?: boolean;
};

type Props<Row> = {
  /** Says what the table is of, for those who cannot see around it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  empty: ReactNode;
};

export function Table<Row>({ caption, columns, rows, rowKey, empty }: Props<Row>) {
  if (rows.length === 0) return <div className="px-4 py-10 text-center text-muted">{empty}</div>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section aria-label={caption} tabIndex={0} className="relative overflow-x-auto">
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-sm text-muted">
            {columns.map(({ key, title, numeric }) => (
              <th
                key={key}
                scope="col"
                className={classNames('px-4 py-2.5 font-medium whitespace-nowrap', numeric && 'text-right')}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={rowKey(row)} className="border-b border-line last:border-0 hover:bg-ground">
              {columns.map(({ key, cell, numeric }) => (
                <td
                  key={key}
                  className={classNames('px-4 py-2.5 align-middle', numeric && 'text-right tabular-nums')}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
