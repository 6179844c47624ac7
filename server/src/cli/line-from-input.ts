/** One line from standard input, for what should not stand on a command line. */
import { CommandError } from './exit.ts';
import { note } from './output.ts';

const LONGEST = 1024;

/** `what`, which has an option of its name, is asked for on a terminal. Ends the command when there is none. */
export async function lineFromInput(what: string): Promise<string> {
  const option = `--${what.toLowerCase()}`;
  if (process.stdin.isTTY) note(`${what} (it will be shown as you type; ${option} or a pipe avoids that):`);
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > LONGEST) break;
  }
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') throw new CommandError(2, `${option}: is required, or a line on standard input`);
  return line;
}
