/** cryptoscan doctor: checks on a live database everything that must always be true. */
import type { Command } from 'commander';
import { findForgedAudit } from '../store/audit-log.ts';
import { findForgedWallets, findViolations, invariants } from '../store/invariants.ts';
import { CommandError } from './exit.ts';
import { onInstallation } from './installation.ts';
import { type Common, installationOptions } from './options.ts';
import { print, printJson } from './output.ts';

export function registerDoctor(program: Command): void {
  installationOptions(program.command('doctor').description('check the invariants on a live database'))
    .addHelpText('after', '\nEnds with 0 when everything holds, with 1 and a list when something does not.')
    .action(async (options: Common) => {
      const violations = await onInstallation(options, async ({ db, vault }) => [
        ...(await findViolations(db)),
        ...(await findForgedWallets(db, vault)),
        ...(await findForgedAudit(db, vault)),
      ]);
      const checked = invariants.length + 2;
      if (options.json) printJson({ ok: violations.length === 0, checked, violations });
      else if (violations.length === 0) print(`All ${checked} invariants hold.`);
      else for (const { invariant, detail } of violations) print(`${detail}: violates "${invariant}"`);
      if (violations.length > 0) throw new CommandError(1, `${violations.length} violations found.`);
    });
}
