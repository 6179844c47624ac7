/** What the long-running commands need of the composition root, which hands it to them. */
import type { Config, RateOptions, Role, WatchedNetwork } from '../config.ts';
import type { OperatorTerms } from '../domain/commission.ts';
import type { Registration } from '../domain/registration.ts';
import type { Simulate } from '../domain/simulation.ts';
import type { WalletHold } from '../domain/wallet-hold.ts';
import type { Cidr } from '../lib/address-guard.ts';
import type { Logger } from '../lib/logger.ts';
import type { SendLetter } from '../lib/smtp.ts';
import type { TelegramSettings } from '../lib/telegram.ts';
import type { Vault } from '../lib/vault.ts';
import type { Connection } from '../store/db.ts';

export type GatewayOptions = {
  /** A database whose schema is up to date. */
  connection: Connection;
  vault: Vault;
  logger: Logger;
  host: string;
  port: number;
  /** How payers reach this installation, without a slash at the end; null: where it listens. */
  baseUrl: string | null;
  networks: readonly WatchedNetwork[];
  roles: readonly Role[];
  webhookAllow: readonly Cidr[];
  /** How much may be asked; null: as much as anybody likes. */
  limits: Config['limits'] | null;
  /** Where rates come from, and how many sources must agree. */
  rates: RateOptions;
  trustedProxies: readonly string[];
  /** How long it goes on answering, with 503 at /readyz, once it is to stop (ms); by default not at all. */
  drain?: number;
  /** Where figures for Prometheus are told; null: nowhere. */
  metrics?: { host: string; port: number } | null;
  /** What users are asked for a paid invoice; by default nothing. */
  terms?: OperatorTerms;
  /** How people come in; by default by invitation. */
  registration?: Registration;
  /** How long further wallets wait; by default not at all. */
  hold?: WalletHold;
  /** How letters are sent; none are by default. */
  mail?: SendLetter | undefined;
  /** The Telegram bot for notices; none by default. */
  telegram?: TelegramSettings | undefined;
  /** The test mode of the payment page: of `dev` alone. */
  simulate?: Simulate;
};

export type Gateway = {
  /** The port really listened on; null without the role `api`. */
  port: number | null;
  /** Finishes what is under way and lets go of everything, within 20 seconds after `drain`. */
  stop(): Promise<void>;
};

/** Throws, leaving nothing behind, when the database or the master key is not right. */
export type StartGateway = (options: GatewayOptions) => Promise<Gateway>;
