/** cryptoscan doctor: checks on a live database everything that must always be true. */
import type { Command } from 'commander';
import { addressText } from '../chains/registry.ts';
import type { Network, NetworkCode } from '../domain/asset.ts';
import { findForgedAudit } from '../store/audit-log.ts';
import { listUnexplained, type Unexplained } from '../store/balance-checks.ts';
import { findForgedWallets, findViolations, invariants } from '../store/invariants.ts';
import { coinAmount } from './coin-amount.ts';
import { CommandError } from './exit.ts';
import { onInstallation } from './installation.ts';
import { type Common, installationOptions } from './options.ts';
import { print, printJson } from './output.ts';

export function registerDoctor(program: Command): void {
  installationOptions(program.command('doctor').description('check the invariants on a live database'))
    .addHelpText('after', '\nEnds with 0 when everything holds, with 1 and a list when something does not.')
    .action(async (options: Common) => {
      const { violations, unexplained } = await onInstallation(options, async ({ db, vault, networks }) => ({
        violations: [
          ...(await findViolations(db)),
          ...(await findForgedWallets(db, vault)),
          ...(await findForgedAudit(db, vault)),
        ],
        unexplained: (await listUnexplained(db)).flatMap(row => toldOf(networks, row) ?? []),
      }));
      const checked = invariants.length + 2;
      if (options.json) printJson({ ok: violations.length === 0, checked, violations, unexplained });
      else if (violations.length === 0) print(`All ${checked} invariants hold.`);
      else for (const { invariant, detail } of violations) print(`${detail}: violates "${invariant}"`);
      if (!options.json)
        for (const { network, address, amount, asset, since } of unexplained)
          print(
            `${address} on ${network} holds ${amount} ${asset} that no transfer explains, since ${since}: a contract may have paid it`,
          );
      if (violations.length > 0) throw new CommandError(1, `${violations.length} violations found.`);
    });
}

/** What a wallet holds that no transfer explains: no fault of ours, and somebody has to look; null of a network not watched. */
function toldOf(
  networks: ReadonlyMap<NetworkCode, Network>,
  { network: code, address_key, units, at }: Unexplained,
) {
  const network = networks.get(code);
  if (!network) return null;
  const { asset } = network.native;
  return {
    network: code,
    address: addressText(network, address_key),
    asset,
    amount: coinAmount(networks, { network: code, asset, units }),
    since: new Date(at).toISOString(),
  };
}
