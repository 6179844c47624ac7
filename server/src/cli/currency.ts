/** cryptoscan currency list | enable | disable | pin | unpin | spread */
import type { Command } from 'commander';
import { type CurrencyChanges, setCurrency } from '../commands/currency-settings.ts';
import { type CurrencyState, defaultSetting } from '../domain/currency-state.ts';
import { formatNumber } from '../domain/money.ts';
import { RateBook, type RatePolicy } from '../rates/rate-book.ts';
import { currencySettings } from '../store/currencies.ts';
import { allReadings } from '../store/rates.ts';
import { type Installation, onInstallation } from './installation.ts';
import { type Common, installationOptions } from './options.ts';
import { accept, print, printJson, printTable } from './output.ts';

const ARGUMENT_NAMES = { currency: 'currency', pinnedRate: 'rate', spread: 'spread' };

/** `policyOf` reads from the configuration how many sources must agree, and which are asked. */
export function registerCurrency(program: Command, policyOf: (configFile?: string) => RatePolicy): void {
  const currency = program.command('currency').description('what invoices may be priced in, and the rates');
  installationOptions(currency.command('list').description('every currency with its rate for one US dollar'))
    .option('--all', 'also those of which nothing is known')
    .action(async (options: Common & { all?: boolean }) => {
      const rows = await onInstallation(options, own => listCurrencies(own, policyOf(options.config)));
      const shown = rows.filter(row => options.all || row.rate !== null || row.why !== 'none');
      if (options.json) printJson(shown);
      else printTable(shown);
    });
  change(currency, 'enable', 'let invoices be asked for in it', () => ({ enabled: true }));
  change(currency, 'disable', 'take no more invoices in it; open ones keep their rate', () => ({
    enabled: false,
  }));
  change(currency, 'unpin', 'go back to the rate of the sources', () => ({ pinnedRate: null }));
  change(
    currency,
    'pin',
    'use this rate in place of the sources',
    (rate: string | undefined) => ({ pinnedRate: rate ?? '' }),
    { name: 'rate', description: 'how many units make one US dollar' },
  );
  change(
    currency,
    'spread',
    'make invoices in it cost a little more',
    (spread: string | undefined) => ({ spread: spread ?? '' }),
    { name: 'spread', description: 'a fraction: 0.01 is one percent more; 0 for none' },
  );
}

function change(
  currency: Command,
  name: string,
  description: string,
  changes: (value?: string) => CurrencyChanges,
  value?: { name: string; description: string },
): void {
  const command = installationOptions(currency.command(name).description(description)).argument(
    '<code>',
    'the currency, such as EUR',
  );
  if (value) command.argument(`<${value.name}>`, value.description);
  command.action(async (code: string, ...rest: unknown[]) => {
    const given = value ? (rest[0] as string) : undefined;
    const options = rest[value ? 1 : 0] as Common;
    const changed = await onInstallation(options, async installation =>
      accept(await setCurrency(installation, code, changes(given)), ARGUMENT_NAMES),
    );
    if (options.json) printJson(changed);
    else print(`${changed.currency} is changed.`);
  });
}

async function listCurrencies({ db, clock }: Installation, policy: RatePolicy) {
  const book = new RateBook(policy);
  const settings = await currencySettings(db);
  book.learn({ readings: await allReadings(db), settings });
  return book.list(clock.now()).map(state => {
    const { pinnedRate, spread } = settings.get(state.currency) ?? defaultSetting(state.currency);
    return {
      currency: state.currency,
      status: state.status,
      rate: state.rate && formatNumber(state.rate),
      why: state.status === 'disabled' ? state.why : null,
      sources: sourcesOf(state),
      off: state.off.map(({ source }) => source).join(' ') || null,
      pinned: pinnedRate && formatNumber(pinnedRate),
      spread: spread.units === 0n ? null : formatNumber(spread),
    };
  });
}

/** Which sources the rate is from. */
function sourcesOf(state: CurrencyState): string | null {
  if (state.status !== 'enabled') return null;
  const { sources = [] } = JSON.parse(state.origin) as { sources?: { source: string }[] };
  return sources.map(({ source }) => source).join(' ') || null;
}
