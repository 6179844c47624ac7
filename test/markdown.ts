/** The tables of a Markdown document, for tests that hold documents against the code. */
import { readFileSync } from 'node:fs';

export type Table = {
  /** The nearest heading above, without its marks. */
  heading: string;
  header: string[];
  rows: string[][];
};

/** Reads a document of the repository by its path from the root. Backquotes around a cell are taken off. */
export function tablesOf(path: string): Table[] {
  const text = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  const tables: Table[] = [];
  let heading = '';
  let current: Table | null = null;
  for (const line of text.split('\n')) {
    const title = /^#+ (.*)$/.exec(line)?.[1];
    if (title !== undefined) heading = title;
    if (!line.startsWith('|')) {
      current = null;
    } else if (!current) {
      current = { heading, header: cells(line), rows: [] };
      tables.push(current);
    } else if (!/^\|[-|\s:]+$/.test(line)) current.rows.push(cells(line));
  }
  return tables;
}

/** The table under a heading whose first column has this title. */
export function tableOf(path: string, heading: string, first: string): Table {
  const found = tablesOf(path).find(table => table.heading === heading && table.header[0] === first);
  if (!found) throw new Error(`${path} has no table of ${first} under ${heading}`);
  return found;
}

function cells(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim().replace(/^`(.*)`$/, '$1'));
}
