/** Of whom and of which days: options that reports and the export share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDay } from '../lib/calendar-day.ts';
import type { Db } from '../store/db.ts';
import { merchantExists } from '../store/merchants.ts';
import { isTimeZone, type ReportFilter } from '../store/report-filter.ts';
import { findUser } from '../store/users.ts';
import { CommandError } from './exit.ts';
import type { InstallationOptions } from './installation.ts';
import { placeOptions, wholeNumber } from './options.ts';

export type ReportOptions = InstallationOptions & {
  merchant?: number;
  user?: number;
  from?: string;
  to?: string;
  timezone: string;
  csv?: boolean;
  json?: boolean;
};

/** `json` says what that prints. */
export function reportOptions(command: Command, json = 'print JSON, one object a line'): Command {
  return placeOptions(command)
    .option('--merchant <id>', 'of this merchant only', wholeNumber)
    .option('--user <id>', "of this user's merchants only", wholeNumber)
    .option('--from <day>', 'the first day, such as 2026-10-01 (default: the first there is)', day)
    .option('--to <day>', 'the last day (default: the last there is)', day)
    .option('--timezone <name>', 'whose days they are, such as Europe/Berlin', 'UTC')
    .addOption(new Option('--csv', 'print CSV (RFC 4180, UTF-8)').conflicts('json'))
    .option('--json', json);
}

function day(text: string): string {
  const parsed = parseDay(text);
  if (!parsed.ok) throw new InvalidArgumentError(`It ${parsed.fault}.`);
  return parsed.value;
}

/** What the options ask for; every one that is wrong is named. */
export async function reportFilter(db: Db, options: ReportOptions): Promise<ReportFilter> {
  const { merchant = null, user = null, from = null, to = null, timezone } = options;
  const faults: string[] = [];
  if (merchant !== null && !(await merchantExists(db, merchant)))
    faults.push(`--merchant: there is no merchant ${merchant}`);
  if (user !== null && !(await findUser(db, user))) faults.push(`--user: there is no user ${user}`);
  if (from !== null && to !== null && to < from) faults.push('--to: must not be before --from');
  if (!(await isTimeZone(db, timezone)))
    faults.push('--timezone: must be the full name of a time zone, such as Europe/Berlin');
  if (faults.length > 0) throw new CommandError(2, faults.join('\n'));
  return { merchantId: merchant, userId: user, from, to, timeZone: timezone };
}
