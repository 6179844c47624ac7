/** cryptoscan report daily | reconcile: what was asked for and paid, and whether everything that came in is accounted for. */
import type { Command } from 'commander';
import { registerDaily } from './report-daily.ts';
import { registerReconcile } from './report-reconcile.ts';

export function registerReport(program: Command): void {
  const report = program.command('report').description('what was paid, and where every transfer ended up');
  registerDaily(report);
  registerReconcile(report);
}
