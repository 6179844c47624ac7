/** cryptoscan settings: every setting of `serve`, as docs/configuration.md has them. */
import type { Command } from 'commander';
import type { z } from 'zod';
import { configSchema, environmentName } from '../config.ts';
import { print, printJson } from './output.ts';

type SettingLine = { setting: string; environment: string; default: string; description: string };

/** One line a setting, in the order of the schema. */
function settingLines(): SettingLine[] {
  return Object.entries(configSchema.shape).map(([setting, schema]) => ({
    setting,
    environment: environmentName(setting),
    default: defaultOf(schema),
    description: schema.description ?? '',
  }));
}

function defaultOf(schema: z.ZodType): string {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success || parsed.data === undefined) return '';
  return typeof parsed.data === 'string' ? parsed.data : JSON.stringify(parsed.data);
}

/** The table of docs/configuration.md. */
export function settingsTable(): string {
  const rows = settingLines().map(
    line =>
      `| \`${line.setting}\` | \`${line.environment}\` | ${line.default && `\`${line.default}\``} | ${line.description} |`,
  );
  return ['| setting | environment | default | |', '|---|---|---|---|', ...rows].join('\n');
}

export function registerSettings(program: Command): void {
  program
    .command('settings')
    .description('list every setting of `serve`')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => {
      if (options.json) printJson(settingLines());
      else print(settingsTable());
    });
}
