/** cryptoscan person create | list | change-email | notices | reset-password | set-up-link */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { changeEmail } from '../commands/change-email.ts';
import { issueReset } from '../commands/change-password.ts';
import { chooseNotices, noticeTable } from '../commands/choose-notices.ts';
import { issueSetUpToken } from '../commands/claim-set-up.ts';
import { createPerson } from '../commands/create-person.ts';
import { readConfig } from '../config.ts';
import { type NoticeChannel, type NoticeKind, noticeChannels, noticeKinds } from '../domain/notice.ts';
import { findPersonByEmail, listPeople } from '../store/people.ts';
import { findUser } from '../store/users.ts';
import { readNotes } from './data-folder.ts';
import { CommandError } from './exit.ts';
import { setUpLink } from './first-person.ts';
import { type Installation, onInstallation } from './installation.ts';
import { lineFromInput } from './line-from-input.ts';
import { type Common, installationOptions, wholeNumber } from './options.ts';
import { accept, note, print, printJson, printTable } from './output.ts';

type CreateOptions = Common & {
  email: string;
  name?: string;
  password?: string;
  language: string;
  operator?: boolean;
  user?: number;
};

export function registerPerson(program: Command): void {
  const person = program.command('person').description('people who sign in to the dashboard');
  registerCreate(person);
  registerLinks(person);
  registerChangeEmail(person);
  registerNotices(person);
  installationOptions(person.command('list').description('everybody, and the accounts they work on')).action(
    async (options: Common) => {
      const rows = await onInstallation(options, ({ db }) => listPeople(db));
      if (options.json) printJson(rows);
      else printTable(rows);
    },
  );
}

function registerCreate(person: Command): void {
  installationOptions(person.command('create').description('add a person; the first one is the operator'))
    .requiredOption('--email <address>', 'e-mail address to sign in with')
    .option('--name <text>', 'how they are called (default: from the address)')
    .option('--password <text>', 'password; without it one line is read from standard input')
    .option('--language <code>', 'en, ru, de, es or fr', 'en')
    .option('--operator', 'may run the installation, too')
    .option('--user <id>', 'the account they are to own (default: one of their own)', wholeNumber)
    .addHelpText('after', '\nExample:\n  $ cryptoscan person create --email me@example.com < password.txt')
    .action(async (options: CreateOptions) => {
      const password = options.password ?? (await lineFromInput('Password'));
      const { email, language } = options;
      const name = options.name ?? (email.split('@')[0] || email);
      const input = { email, name, password, language, isOperator: options.operator ?? false };
      const made = await onInstallation(options, async installation =>
        accept(
          await createPerson({ ...installation, randomBytes }, { ...input, userId: options.user ?? null }),
        ),
      );
      if (options.json) printJson({ id: made.id, user_id: made.userId });
      else print(`Person ${made.id} owns user account ${made.userId}.`);
    });
}

function registerChangeEmail(person: Command): void {
  installationOptions(
    person.command('change-email').description('give a person another address; every session of theirs ends'),
  )
    .requiredOption('--email <address>', 'whose')
    .requiredOption('--to <address>', 'the new one; nothing is sent to prove it')
    .action(async (options: Common & { email: string; to: string }) => {
      const asked = { from: options.email, to: options.to };
      const { id } = await onInstallation(options, async installation =>
        accept(await changeEmail({ ...installation, randomBytes }, asked)),
      );
      if (options.json) printJson({ id });
      else print(`Person ${id} now signs in as ${options.to}.`);
    });
}

type NoticesOptions = Common & { email: string; on: string[]; off: string[] };

function registerNotices(person: Command): void {
  installationOptions(
    person.command('notices').description('show what a person hears of by e-mail and Telegram, or change it'),
  )
    .requiredOption('--email <address>', 'whose')
    .option('--on <kind:way...>', 'what they are to hear of, such as paid:email', [])
    .option('--off <kind:way...>', 'what they are not to hear of', [])
    .addHelpText('after', `\nKinds: ${noticeKinds.join(', ')}. Ways: ${noticeChannels.join(', ')}.`)
    .action(async (options: NoticesOptions) => {
      const choices = [...choicesIn(options.on, true), ...choicesIn(options.off, false)];
      const rows = await onInstallation(options, async installation => {
        const found = await findPersonByEmail(installation.db, options.email);
        if (!found) throw new CommandError(2, '--email: belongs to nobody');
        const acting = { kind: 'command_line' } as const;
        await chooseNotices(installation, { personId: found.id, acting, choices });
        return noticeTable(installation.db, found);
      });
      const shown = rows.map(({ kind, by }) => ({
        kind,
        email: by.email.wanted,
        telegram: by.telegram.wanted,
      }));
      if (options.json) printJson(shown);
      else
        printTable(
          shown.map(({ kind, email, telegram }) => ({
            kind,
            email: yesNo(email),
            telegram: yesNo(telegram),
          })),
        );
    });
}

const yesNo = (wanted: boolean) => (wanted ? 'yes' : 'no');

function choicesIn(texts: readonly string[], wanted: boolean) {
  return texts.map(text => {
    const [kind, channel] = text.split(':');
    const isKnown = noticeKinds.some(one => one === kind) && noticeChannels.some(one => one === channel);
    if (!isKnown)
      throw new CommandError(
        2,
        `${wanted ? '--on' : '--off'}: ${text} is not a kind and a way, such as paid:email`,
      );
    return { kind: kind as NoticeKind, channel: channel as NoticeChannel, wanted };
  });
}

function registerLinks(person: Command): void {
  installationOptions(person.command('reset-password').description('print a link to set a new password'))
    .requiredOption('--email <address>', 'whose')
    .action(async (options: Common & { email: string }) => {
      await printLink(options, async installation => {
        const { token } = accept(await issueReset({ ...installation, randomBytes }, options.email));
        return base => `${base}/dashboard/reset-password#${token}`;
      });
    });
  installationOptions(person.command('set-up-link').description('print the link for the first person'))
    .option('--user <id>', 'the account that goes to them (default: one of their own)', wholeNumber)
    .action(async (options: Common & { user?: number }) => {
      await printLink(options, async installation => {
        const userId = options.user ?? null;
        if (userId !== null && !(await findUser(installation.db, userId)))
          throw new CommandError(2, '--user: there is no user with this id');
        const token = await issueSetUpToken({ ...installation, randomBytes }, { userId });
        if (token === null)
          throw new CommandError(1, 'There is a person already; nothing is left to set up.');
        return base => setUpLink(base, token);
      });
    });
}

type MakeLink = (installation: Installation) => Promise<(baseUrl: string) => string>;

async function printLink(options: Common, make: MakeLink): Promise<void> {
  const url = await onInstallation(options, async installation => {
    const link = await make(installation);
    return link(await baseUrlOf(options, installation));
  });
  if (options.json) printJson({ url });
  else print(url);
}

/** The configured one, or that of the `dev` that runs on the folder. */
async function baseUrlOf({ config }: Common, { folder }: Installation): Promise<string> {
  const read = readConfig(config);
  if (read.ok && read.value.baseUrl !== undefined) return read.value.baseUrl;
  const notes = folder === null ? null : await readNotes(folder);
  if (notes) return notes.base_url;
  note('No base URL is configured; put yours in place of the one in the link.');
  return 'http://127.0.0.1:8080';
}
