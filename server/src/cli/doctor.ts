/** cryptoscan doctor: checks on a live database everything that must always be true, and how the installation does. */
import type { Command } from 'commander';
import { findForgedAudit } from '../store/audit-log.ts';
import { type Check, checkup } from '../store/checkup.ts';
import { explain } from '../store/invariant-meanings.ts';
import { findForgedWallets, findViolations, invariants, type Violation } from '../store/invariants.ts';
import { CommandError } from './exit.ts';
import { type Installation, onInstallation } from './installation.ts';
import { type Common, installationOptions } from './options.ts';
import { print, printJson } from './output.ts';

const AFTER = `
It reads only, and servers go on meanwhile. Ends with 0 when every rule holds, also with warnings; with 1 when a rule is
broken or the database is not to be relied on.`;

/** Those of invariants.ts, the MACs of the wallets, and the chain of the audit log. */
const RULES = invariants.length + 2;

export function registerDoctor(program: Command): void {
  installationOptions(program.command('doctor').description('check the rules on a live database'))
    .addHelpText('after', AFTER)
    .action(async (options: Common) => {
      const { checks, violations } = await onInstallation(options, examine);
      const isBroken = violations.length > 0 || checks.some(({ state }) => state === 'broken');
      if (options.json)
        printJson({
          ok: !isBroken,
          checked: RULES,
          violations: violations.map(one => ({ ...one, ...explain(one.invariant) })),
          checks,
        });
      else tell(checks, violations);
      if (violations.length > 0) throw new CommandError(1, `${violations.length} violations found.`);
      if (isBroken) throw new CommandError(1, 'The database is not to be relied on as it is.');
    });
}

async function examine({ db, vault, clock, networks }: Installation) {
  const checks = await checkup(db, { now: clock.now(), local: Date.now(), networks });
  const violations = [
    ...(await findViolations(db)),
    ...(await findForgedWallets(db, vault)),
    ...(await findForgedAudit(db, vault)),
  ];
  return { checks, violations };
}

function tell(checks: readonly Check[], violations: readonly Violation[]): void {
  for (const { name, state, found, todo } of checks) {
    print(`${state.padEnd(7)}  ${name}: ${found}`);
    if (todo) print(`         ${todo}`);
  }
  if (violations.length === 0) print(`ok       All ${RULES} rules hold.`);
  for (const invariant of new Set(violations.map(one => one.invariant))) {
    const { means, todo } = explain(invariant);
    const found = violations.filter(one => one.invariant === invariant).map(({ detail }) => detail);
    print(`broken   "${invariant}": ${found.join(', ')}`);
    print(`         What it means: ${means}`);
    print(`         What to do: ${todo}`);
  }
}
