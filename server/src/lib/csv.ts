/**
 * CSV as RFC 4180 has it: a comma between cells, CRLF after each line, quotes where a cell needs them. Spreadsheets run a
 * cell that looks like a formula, and what payers and shops write ends up in cells: those are defused.
 */

export type Cell = string | number | bigint | boolean | null;

/** The starts that OWASP's ASVS 5.0 names in 1.2.10, with the line feed and the full-width forms that spreadsheets take too. */
const FORMULA = /^[=+\-@\t\r\n\0\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Stays a number that can be summed up. */
const NUMBER = /^-?\d+(\.\d+)?$/;

/** One line with its end. Text that a spreadsheet would run gets a `'` in front; null is an empty cell. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(written).join(',')}\r\n`;
}

function written(cell: Cell): string {
  const text = cell === null ? '' : defused(String(cell));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const defused = (text: string) => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);
