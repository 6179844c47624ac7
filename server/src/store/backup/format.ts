/**
 * The file of a backup: gzip around lines. First a heading, then for each table a line that names it, its rows as PostgreSQL's
 * COPY writes them, one a line, and a line `\.`; then the sequences; last a line that counts the rows and seals all
 * before it. Nothing of it is ever in memory but a few lines.
 */
import { z } from 'zod';

/** What a backup says of itself before its rows. */
export const heading = z.object({
  cryptoscan_backup: z.literal(1),
  made_at: z.string(),
  postgres: z.string(),
  /** The migrations its tables were made by, in order. */
  schema: z.array(z.string()),
  /** Sealed with the master key: shows whether a key is the one of this installation. */
  canary: z.string(),
});
export type Heading = z.infer<typeof heading>;

export const tableStart = z.object({ table: z.string(), columns: z.array(z.string()).min(1) });
export type TableStart = z.infer<typeof tableStart>;

/** Where each sequence stands; null where it was never used. */
export const sequences = z.object({ sequences: z.record(z.string(), z.number().nullable()) });

/** `sha256` of every byte before this line; `mac` of that, with the master key. */
export const ending = z.object({
  end: z.object({ rows: z.record(z.string(), z.number()), sha256: z.string(), mac: z.string() }),
});
export type Ending = z.infer<typeof ending>['end'];

/** What COPY ends its rows with; no row can be written so. */
export const END_OF_ROWS = '\\.';

const NEWLINE = 10;

/** The lines of a stream, with their ends; throws when the last one has none. */
export async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    const text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let end = text.indexOf(NEWLINE); end !== -1; end = text.indexOf(NEWLINE, from)) {
      yield text.subarray(from, end + 1);
      from = end + 1;
    }
    rest = text.subarray(from);
  }
  if (rest.length > 0) throw new Error('the file ends in the middle of a line');
}

/** The parts a seal is made over. */
export const sealed = (sha256: string): string[] => ['backup', sha256];
