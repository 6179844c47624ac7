/** Rows on their way to standard output: as many as there are, a batch at a time and no faster than they are read. */
import { once } from 'node:events';
import { type Cell, csvLine } from '../lib/csv.ts';
import { CommandError } from './exit.ts';
import { table } from './output.ts';

export type Format = 'csv' | 'json' | 'table';
export type Row = Readonly<Record<string, Cell>>;

/** The formats that a command's options name; without any it is the table for people. */
export function formatOf({ csv, json }: { csv?: boolean; json?: boolean }): Format {
  return csv ? 'csv' : json ? 'json' : 'table';
}

/**
 * Writes rows as CSV under a heading, as JSON, one object a line, or as tables, one a batch. `columns` names what each row
 * has, in order.
 */
export async function writeRows(
  batches: AsyncIterable<readonly Row[]>,
  { format, columns }: { format: Format; columns: readonly string[] },
): Promise<void> {
  const { stdout } = process;
  let failure: NodeJS.ErrnoException | null = null;
  const fail = (error: NodeJS.ErrnoException) => {
    failure ??= error;
  };
  stdout.on('error', fail);
  try {
    for await (const text of texts(batches, format, columns)) {
      // A reader that has gone is heard of a moment after the write, or while waiting for it.
      if (!stdout.write(text)) await once(stdout, 'drain').catch(fail);
      await nextTurn();
      if (failure) throw ending(failure);
    }
  } finally {
    stdout.off('error', fail);
  }
}

const nextTurn = () => new Promise(resolve => setImmediate(resolve));

function ending(failure: NodeJS.ErrnoException): Error {
  return failure.code === 'EPIPE'
    ? new CommandError(1, 'Standard output was closed before everything was written.')
    : failure;
}

async function* texts(
  batches: AsyncIterable<readonly Row[]>,
  format: Format,
  columns: readonly string[],
): AsyncGenerator<string> {
  let isEmpty = true;
  if (format === 'csv') yield csvLine(columns);
  for await (const rows of batches) {
    isEmpty = false;
    if (format === 'csv') yield rows.map(row => csvLine(columns.map(name => row[name] ?? null))).join('');
    else if (format === 'json') yield rows.map(row => `${JSON.stringify(row)}\n`).join('');
    else yield `${table(rows).join('\n')}\n`;
  }
  if (isEmpty && format === 'table') yield 'none\n';
}
