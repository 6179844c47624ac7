/** What the long-running commands need of the composition root, which hands it to them. */
import type { Role, WatchedNetwork } from '../config.ts';
import type { Cidr } from '../lib/address-guard.ts';
import type { Logger } from '../lib/logger.ts';
import type { Vault } from '../lib/vault.ts';
import type { Connection } from '../store/db.ts';

export type GatewayOptions = {
  /** A database whose schema is up to date. */
  connection: Connection;
  vault: Vault;
  logger: Logger;
  host: string;
  port: number;
  networks: readonly WatchedNetwork[];
  roles: readonly Role[];
  webhookAllow: readonly Cidr[];
  trustedProxies: readonly string[];
};

export type Gateway = {
  /** The port really listened on; null without the role `api`. */
  port: number | null;
  /** Finishes what is under way and lets go of everything, within 20 seconds. */
  stop(): Promise<void>;
};

/** Throws, leaving nothing behind, when the database or the master key is not right. */
export type StartGateway = (options: GatewayOptions) => Promise<Gateway>;
