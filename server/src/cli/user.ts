/** cryptoscan user create */
import type { Command } from 'commander';
import { createUser } from '../commands/create-user.ts';
import { CommandError } from './exit.ts';
import { onInstallation } from './installation.ts';
import { type Common, installationOptions } from './options.ts';
import { accept, note, print, printJson } from './output.ts';

type CreateOptions = Common & { email: string; password?: string };

export function registerUser(program: Command): void {
  const user = program.command('user').description('people who sign in');
  installationOptions(user.command('create').description('register a user'))
    .requiredOption('--email <address>', 'e-mail address')
    .option('--password <text>', 'password; without it one line is read from standard input')
    .addHelpText('after', '\nExample:\n  $ echo "$PASSWORD" | cryptoscan user create --email me@example.com')
    .action(async (options: CreateOptions) => {
      const password = options.password ?? (await passwordFromInput());
      const { id } = await onInstallation(options, async ({ db, clock }) =>
        accept(await createUser({ db, clock }, { email: options.email, password })),
      );
      if (options.json) printJson({ id });
      else print(`User ${id} is registered.`);
    });
}

const LONGEST = 1024;

async function passwordFromInput(): Promise<string> {
  if (process.stdin.isTTY) note('Password (it will be shown as you type; --password or a pipe avoids that):');
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > LONGEST) break;
  }
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') throw new CommandError(2, '--password: is required, or a line on standard input');
  return line;
}
