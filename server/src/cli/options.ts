/** Options that several commands share, and how their texts are read. */
import { type Command, InvalidArgumentError } from 'commander';
import type { InstallationOptions } from './installation.ts';

export type Common = InstallationOptions & { json?: boolean };

/** The options of every command that works on an installation. */
export function installationOptions(command: Command): Command {
  return placeOptions(command).option('--json', 'print one line of JSON');
}

/** Those that say which installation it is. */
export function placeOptions(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'the data folder to work on (default: that of `dev`, or DATABASE_URL if set)')
    .option('--embedded', 'work on the data folder of `serve --embedded`')
    .option('--config <file>', 'the configuration file (JSON)');
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function onOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('It must be on or off.');
  return text === 'on';
}

/** Only the options that were given, under the names the command uses. */
export function given<T extends object>(changes: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as never;
}
