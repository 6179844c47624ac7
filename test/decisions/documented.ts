/** The tables of the documentation, as people read them. */
import { tableOf } from '../markdown.ts';

/** The cells of a table by the names of their row and column, without their code marks. */
export function cellsOf(file: string, heading: string): Map<string, string> {
  const { header, rows } = tableOf(file, heading, 'status');
  const plain = (text = '') => text.replace(/`/g, '').trim();
  return new Map(
    rows.flatMap(([status, ...cells]) =>
      cells.map((cell, index) => [`${plain(status)} ${plain(header[index + 1])}`, plain(cell)] as const),
    ),
  );
}
