/** cryptoscan network list | providers | restore | retire | resume */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { askProviderAgain } from '../commands/ask-provider-again.ts';
import { type NetworkCode, networkCodes } from '../domain/asset.ts';
import { lag, MAX_LAG } from '../domain/network-lag.ts';
import { allCursors, type Cursor, setRetired } from '../store/cursors.ts';
import { openInvoicesOn } from '../store/network-invoices.ts';
import { listProviders } from '../store/providers.ts';
import { CommandError } from './exit.ts';
import { type Installation, onInstallation } from './installation.ts';
import { type Common, installationOptions } from './options.ts';
import { print, printJson, printTable } from './output.ts';

export function registerNetwork(program: Command): void {
  const network = program
    .command('network')
    .description('how far the networks are read, and by which providers');
  installationOptions(
    network.command('list').description('every network, how far it is read, and its lag'),
  ).action(async (options: Common) => show(options, await onInstallation(options, listNetworks)));
  installationOptions(network.command('providers').description('every provider, how it stands, and why'))
    .argument('[code]', 'of this network only')
    .action(async (code: string | undefined, options: Common) => {
      const rows = await onInstallation(options, ({ db }) =>
        listProviders(db, code === undefined ? null : networkCode(code)),
      );
      show(
        options,
        rows.map(row => ({
          ...row,
          since: iso(row.since),
          until: iso(row.until),
          seen_at: iso(row.seen_at),
        })),
      );
    });
  installationOptions(network.command('restore').description('end the quarantine of a provider'))
    .argument('<code>', 'the network, such as TRC-20')
    .argument('<provider>', 'the provider, as `network providers` names it')
    .action(async (code: string, provider: string, options: Common) => {
      const found = await onInstallation(options, installation =>
        askProviderAgain(installation, { network: networkCode(code), provider }),
      );
      if (!found) throw new CommandError(2, 'provider: is none that `network providers` names');
      say(options, { network: code, provider, state: 'ok' }, `${provider} is asked again within seconds.`);
    });
  registerRetire(network);
  installationOptions(network.command('resume').description('take a retired network back into use'))
    .argument('<code>', 'the network, such as TRC-20')
    .action(async (code: string, options: Common) => {
      await onInstallation(options, own => retire(own, networkCode(code), null));
      say(options, { network: code, retired: false }, `${code} is in use again.`);
    });
}

function registerRetire(network: Command): void {
  installationOptions(
    network
      .command('retire')
      .description('stop using a network that cannot be read: the way out when it lags for good'),
  )
    .argument('<code>', 'the network, such as TRC-20')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nNo invoice is made on it any more, and open ones expire by the clock, without a look at the chain; one that is\nbeing paid on it stays so until the network is read again or the invoice is confirmed by hand. What is paid\nall the same is still counted if the network is ever read again. `network resume` takes it back.',
    )
    .action(async (code: string, options: Common & { yes?: boolean }) => {
      const own = networkCode(code);
      const held = await onInstallation(options, ({ db }) => openInvoicesOn(db, own));
      await confirmRetire(code, held, options.yes ?? false);
      await onInstallation(options, installation => retire(installation, own, installation.clock.now()));
      say(options, { network: code, retired: true, open_invoices: held.open }, `${code} is retired.`);
    });
}

async function retire({ db }: Installation, code: NetworkCode, at: number | null): Promise<void> {
  if (!(await setRetired(db, code, at))) throw new CommandError(2, 'code: this network was never read');
}

type Held = Awaited<ReturnType<typeof openInvoicesOn>>;

/** What becomes of the invoices that hold an amount on a network when that is retired. */
export function retireWarning(code: string, { open, confirming }: Held): string {
  const expiring = `${code} has ${open - confirming} open invoices, which will expire without a look at the chain.`;
  return confirming === 0
    ? expiring
    : `${expiring} ${confirming} more are being paid: they stay as they are until ${code} is read again or somebody confirms them.`;
}

/** Nobody asks at the keyboard of a script, so that one has to say --yes. */
async function confirmRetire(code: string, held: Held, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new CommandError(2, '--yes: is required where nobody can be asked');
  const question = `${retireWarning(code, held)} Type ${code} to go on: `;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if ((await terminal.question(question)).trim() !== code)
      throw new CommandError(1, 'Nothing was changed.');
  } finally {
    terminal.close();
  }
}

async function listNetworks({ db, clock, networks }: Installation) {
  const now = clock.now();
  const cursors = new Map((await allCursors(db)).map(cursor => [cursor.network, cursor]));
  const codes = new Set([...networks.keys(), ...cursors.keys()]);
  return Promise.all(
    [...codes].map(async code => ({
      network: code,
      ...stateOf(cursors.get(code), networks.get(code)?.onDemand ?? false, now),
      open_invoices: (await openInvoicesOn(db, code)).open,
    })),
  );
}

function stateOf(cursor: Cursor | undefined, onDemand: boolean, now: number) {
  const behind =
    cursor && lag({ scannedAt: cursor.block_time, caughtUpAt: cursor.caught_up_at }, now, onDemand);
  return {
    state: stateName(cursor, behind),
    read: cursor?.height ?? null,
    final: cursor?.final_height ?? null,
    tip: cursor?.tip_height ?? null,
    lag_seconds: behind === undefined ? null : Math.round(behind / 1000),
    rechecked: cursor?.rechecked_height ?? null,
    found_late: cursor?.found_late ?? null,
  };
}

function stateName(cursor: Cursor | undefined, behind: number | undefined): string {
  if (!cursor || behind === undefined) return 'never read';
  if (cursor.retired_at !== null) return 'retired';
  return behind > MAX_LAG ? 'behind' : 'reading';
}

function networkCode(text: string): NetworkCode {
  const code = networkCodes.find(one => one === text);
  if (!code) throw new CommandError(2, `code: must be one of ${networkCodes.join(', ')}`);
  return code;
}

const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());

function show(options: Common, rows: readonly Record<string, unknown>[]): void {
  if (options.json) printJson(rows);
  else printTable(rows);
}

function say(options: Common, value: unknown, line: string): void {
  if (options.json) printJson(value);
  else print(line);
}
