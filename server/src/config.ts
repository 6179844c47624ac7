/**
 * Production's configuration: one schema, one sentence a setting, read once at start, all faults told at once. This is
 * the only reader of the environment. docs/configuration.md is generated from it.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import {
  httpUrl,
  networkFaults,
  networkSchema,
  type WatchedNetwork,
  watchedNetwork,
} from './chains/network-settings.ts';
import { type NetworkCode, networkCodes } from './domain/asset.ts';
import { parsePercent } from './domain/commission.ts';
import { registrations } from './domain/registration.ts';
import { parseUsd } from './domain/usd.ts';
import { decimalText } from './lib/decimal-text.ts';
import { fail, ok, type Result } from './lib/result.ts';
import { cidrs, cidrTexts, limits, masterKey } from './lib/setting-kinds.ts';
import { smtpSettings } from './lib/smtp.ts';
import { telegramSettings } from './lib/telegram.ts';
import { type OpenSource, openSources, rateSourceNames } from './rates/registry.ts';

export const roles = ['api', 'watch', 'settle', 'dispatch'] as const;
export type Role = (typeof roles)[number];

const portNumber = z.coerce.number().int().min(1).max(65_535);
const dollars = decimalText(parseUsd).nullable().default(null);

/** Every setting with its sentence. A key is the name in the file; its environment name follows from it. */
export const configSchema = z.strictObject({
  databaseUrl: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' })
    .optional()
    .describe('The PostgreSQL to use (15 or newer). Without it, say --embedded.'),
  masterKey: masterKey
    .optional()
    .describe(
      '32 bytes in hex or base64 that seal what the database stores. Kept outside the database; back it up apart.',
    ),
  baseUrl: httpUrl
    .transform(url => url.replace(/\/+$/, ''))
    .optional()
    .describe('How the world reaches this installation; links to payers are made from it. Required.'),
  host: z.string().min(1).default('127.0.0.1').describe('The address to listen on.'),
  port: portNumber.default(8080).describe('The port to listen on.'),
  metricsPort: portNumber
    .optional()
    .describe('A port with figures for Prometheus at /metrics; none: no such port.'),
  metricsHost: z.string().min(1).default('127.0.0.1').describe('The address that metricsPort listens on.'),
  roles: z
    .array(z.enum(roles))
    .min(1)
    .default([...roles])
    .describe(
      'What this process does: api, watch, settle, dispatch. Any number of processes may share one database.',
    ),
  trustedProxies: cidrTexts
    .default([])
    .describe('Networks of proxies whose X-Forwarded-For header is believed.'),
  drainSeconds: z.coerce
    .number()
    .int()
    .min(0)
    .max(300)
    .default(0)
    .describe(
      'How long a process that is told to end goes on answering, with 503 at /readyz: as long as your load balancer takes to see that.',
    ),
  limits: limits
    .prefault({})
    .describe(
      'How much one merchant may ask, one address that does not prove who it is, and how many transactions one merchant may have looked up; burst is how much at once.',
    ),
  rateQuorum: z.coerce
    .number()
    .int()
    .min(1)
    .max(rateSourceNames.length)
    .default(2)
    .describe('How many sources must agree on a rate before invoices can be asked for in a currency.'),
  rateSources: z
    .partialRecord(
      z.enum(rateSourceNames),
      z.strictObject({
        enabled: z.boolean().optional(),
        url: httpUrl.optional(),
        headers: z.record(z.string(), z.string()).optional(),
      }),
    )
    .default({})
    .describe(
      'Sources of rates by name: switch one off, ask it elsewhere, or send headers such as an API key.',
    ),
  commissionPercent: decimalText(parsePercent)
    .default('0')
    .describe(
      'Commission on what is requested, in percent, of users who have no percent of their own: from 0 to below 100, at most 4 decimals.',
    ),
  balance: z
    .strictObject({ warnBelow: dollars, refuseBelow: dollars })
    .prefault({})
    .describe(
      'In US dollars: below which balance of a user the log warns, and below which a user whose invoices cost a commission gets no new ones; null: never.',
    ),
  registration: z
    .enum(registrations)
    .default('invitation')
    .describe(
      'How people come in after the first: open (needs smtp), by invitation, or off (the command line alone).',
    ),
  smtp: smtpSettings
    .optional()
    .describe(
      'The mail server for letters: to set a new password, to register, to invite, and for notices. None: no letters.',
    ),
  telegram: telegramSettings
    .optional()
    .describe(
      'The Telegram bot that notices may be sent by, with the token that @BotFather gives. None: not by Telegram.',
    ),
  adminEmail: z
    .email('must be an e-mail address')
    .optional()
    .describe('With adminPassword: the first person, made at the start while there is nobody.'),
  adminPassword: z.string().min(1).optional().describe('The password of that person; best given as a file.'),
  walletHoldHours: z.coerce
    .number()
    .int()
    .min(0)
    .max(720)
    .default(24)
    .describe(
      "How many hours a wallet waits before it takes invoices where its merchant has another one for the same coin and network, so that owners can stop a stranger's.",
    ),
  webhookAllow: cidrs
    .default([])
    .describe('Networks that webhooks may reach although they are not public, such as 10.0.0.0/8.'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('How much to log.'),
  networks: z
    .partialRecord(z.enum(networkCodes), networkSchema)
    .superRefine((all, context) => {
      for (const issue of networkFaults(all)) context.addIssue({ code: 'custom', ...issue });
    })
    .default({})
    .describe('The networks to watch, by code, each with its RPC URLs in order of preference.'),
});

export type { WatchedNetwork };
export type Config = z.output<typeof configSchema>;

/** Those that have a usual name. */
const USUAL = new Map([
  ['databaseUrl', 'DATABASE_URL'],
  ['adminEmail', 'ADMIN_EMAIL'],
  ['adminPassword', 'ADMIN_PASSWORD'],
]);

/** `CRYPTOSCAN_BASE_URL` for `baseUrl`; DATABASE_URL keeps its usual name. */
export function environmentName(setting: string): string {
  const usual = USUAL.get(setting);
  if (usual !== undefined) return usual;
  return `CRYPTOSCAN_${setting.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`;
}

/** Settings whose environment value is JSON rather than plain text. */
const STRUCTURED = new Set(
  'roles trustedProxies limits balance rateSources smtp telegram webhookAllow networks'.split(' '),
);

/** What a command demands beyond the schema, of the settings as they were given: one sentence a fault. */
export type Demands = (given: Record<string, unknown>) => string[];

/**
 * Reads the file (JSON, from `file` or CRYPTOSCAN_CONFIG), then the environment, which wins. A setting may also come
 * from a file named by its environment name with `_FILE`. The fault is a list of sentences.
 */
export function readConfig(
  file?: string,
  demands: Demands = () => [],
  env: NodeJS.ProcessEnv = process.env,
): Result<Config, string[]> {
  const faults: string[] = [];
  const path = configFile(file, env);
  const settings: Record<string, unknown> = path ? (readJsonFile(path, faults) ?? {}) : {};
  for (const setting of Object.keys(configSchema.shape)) {
    const value = fromEnvironment(env, setting, faults);
    if (value !== undefined) settings[setting] = value;
  }
  // Of a file that could not be read nobody knows what is missing in it.
  const missing = faults.length === 0 ? demands(settings) : [];
  const parsed = configSchema.safeParse(settings);
  if (parsed.success && faults.length + missing.length === 0) return ok(parsed.data);
  const issues = parsed.success ? [] : parsed.error.issues;
  return fail([
    ...faults,
    ...issues.map(({ path, message }) => `${path.join('.') || 'configuration'}: ${message}`),
    ...missing,
  ]);
}

function fromEnvironment(env: NodeJS.ProcessEnv, setting: string, faults: string[]): unknown {
  const name = environmentName(setting);
  const path = env[`${name}_FILE`];
  // An empty one is none: it must not hide the file that is named beside it.
  const text = env[name] || (path ? readText(path, faults) : undefined);
  if (text === undefined || text === '' || !STRUCTURED.has(setting)) return text === '' ? undefined : text;
  try {
    return JSON.parse(text);
  } catch {
    if (!/^[[{]/.test(text.trim())) return text.split(',').map(part => part.trim());
    faults.push(`${name}: is not valid JSON`);
    return undefined;
  }
}

function readJsonFile(path: string, faults: string[]): Record<string, unknown> | undefined {
  const text = readText(path, faults);
  try {
    const value: unknown = text === undefined ? {} : JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    faults.push(`${path}: must hold an object of settings`);
    return undefined;
  } catch {
    faults.push(`${path}: is not valid JSON`);
    return undefined;
  }
}

function readText(path: string, faults: string[]): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    faults.push(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    return undefined;
  }
}

/** Where rates come from, and how many sources must agree on one. */
export type RateOptions = { quorum: number; sources: readonly OpenSource[] };

export function rateOptions({ rateQuorum, rateSources }: Config): RateOptions {
  return { quorum: rateQuorum, sources: openSources(rateSources) };
}

/** The configured networks: the public rows with what the configuration sets otherwise. */
export const watchedNetworks = (config: Config): WatchedNetwork[] =>
  Object.entries(config.networks).map(([code, settings]) => watchedNetwork(code as NetworkCode, settings));

/** The configuration file that a command line or the environment names. */
export function configFile(file?: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return file ?? (env.CRYPTOSCAN_CONFIG || undefined);
}

/** Where data folders go: $XDG_DATA_HOME, which must be absolute to count, or its default. XDG base directories 0.8. */
export function dataHome(env: NodeJS.ProcessEnv = process.env): string {
  return env.XDG_DATA_HOME?.startsWith('/') ? env.XDG_DATA_HOME : join(homedir(), '.local', 'share');
}

/** How much `dev`, which takes no other configuration, logs. */
export function devLogLevel(env: NodeJS.ProcessEnv = process.env): string {
  const level = env.CRYPTOSCAN_LOG_LEVEL;
  return configSchema.shape.logLevel.safeParse(level).success && level ? level : 'warn';
}
