/** What commands print: for people by default, one JSON value a line with --json. */
import type { Checked, InputFault } from '../commands/faults.ts';
import { CommandError } from './exit.ts';

/** Prints to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints to standard error: notes for people that must not disturb what a program reads. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** The value, or an end with exit code 2 that names each faulty field. */
export function accept<T>(checked: Checked<T>, names: Record<string, string> = {}): T {
  if (checked.ok) return checked.value;
  throw new CommandError(2, checked.fault.map(one => faultLine(one, names)).join('\n'));
}

/** `names` gives the option behind a field. */
function faultLine({ field, text }: InputFault, names: Record<string, string>): string {
  return `${names[field] ?? `--${field.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`}: ${text}`;
}

/** Rows as aligned columns under their headings. */
export function printTable(rows: readonly Record<string, unknown>[]): void {
  for (const line of table(rows)) print(line);
}

/** The lines of that, without their ends. */
export function table(rows: readonly Record<string, unknown>[]): string[] {
  if (rows.length === 0) return ['none'];
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map(row => columns.map(column => String(row[column] ?? '-')))];
  const widths = columns.map((_, index) => Math.max(...cells.map(line => line[index]?.length ?? 0)));
  return cells.map(line =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
