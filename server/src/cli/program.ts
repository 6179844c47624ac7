/** The command line: every subcommand is registered here, by name. */
import { Command, CommanderError } from 'commander';
import { devLogLevel, rateOptions, readConfig } from '../config.ts';
import { openSources } from '../rates/registry.ts';
import { registerBackup } from './backup.ts';
import { registerCurrency } from './currency.ts';
import { type DevDeps, registerDev } from './dev.ts';
import { registerDoctor } from './doctor.ts';
import { CommandError } from './exit.ts';
import { registerInvoice } from './invoice.ts';
import { registerLink } from './link.ts';
import { registerMerchant } from './merchant.ts';
import { registerMigrate } from './migrate.ts';
import { registerNetwork } from './network.ts';
import { note } from './output.ts';
import { registerPay } from './pay.ts';
import { registerPerson } from './person.ts';
import { registerReport } from './report.ts';
import { registerRestore } from './restore.ts';
import { registerServe } from './serve.ts';
import { registerSettings } from './settings.ts';
import { registerTransfer } from './transfer.ts';
import { registerUser } from './user.ts';
import { registerWallet } from './wallet.ts';

/** Runs one command line; answers its exit code: 0 done, 1 failed, 2 asked wrongly. */
export async function runProgram(argv: readonly string[], deps: DevDeps): Promise<number> {
  const program = new Command('cryptoscan')
    .description('Self-hosted, non-custodial crypto payment gateway')
    .version('0.1.0')
    .showHelpAfterError('(add --help for what it takes)')
    .exitOverride();
  registerDev(program, deps);
  registerServe(program, deps);
  registerUser(program);
  registerPerson(program);
  registerMerchant(program);
  registerWallet(program);
  registerCurrency(program, ratePolicy);
  registerInvoice(program);
  registerLink(program);
  registerNetwork(program);
  registerPay(program);
  registerTransfer(program);
  registerReport(program);
  registerMigrate(program);
  registerBackup(program);
  registerRestore(program);
  registerDoctor(program);
  registerSettings(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCode(error);
  }
}

/** As `serve` would judge rates; as `dev` does where nothing is configured. */
function ratePolicy(configFile?: string) {
  const config = readConfig(configFile);
  const { quorum, sources } = config.ok ? rateOptions(config.value) : { quorum: 2, sources: openSources() };
  return { quorum, sources: new Set(sources.map(({ source }) => source.name)) };
}

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CommandError) {
    note(error.message);
    return error.code;
  }
  note(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  if (devLogLevel() === 'debug' && error instanceof Error) note(error.stack ?? '');
  return 1;
}
