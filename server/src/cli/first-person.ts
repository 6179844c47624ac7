/**
 * The first person of an installation: made at the start as the operator configured, or invited by a link that is good
 * once. It is shown on a terminal only; logs are read by others, so elsewhere it goes to a file that its owner alone reads.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { issueSetUpToken } from '../commands/claim-set-up.ts';
import { createFirstPerson } from '../commands/create-person.ts';
import { configFile, dataHome } from '../config.ts';
import type { Logger } from '../lib/logger.ts';
import { isLoopback } from '../lib/relying-party.ts';
import { writeWhole } from './data-folder.ts';
import { CommandError } from './exit.ts';
import type { Installation } from './installation.ts';
import { print } from './output.ts';

/** Passkeys need a host that is no IP address; on this machine `localhost` is the same place. */
export function setUpLink(baseUrl: string, token: string): string {
  const url = new URL(baseUrl);
  if (isLoopback(baseUrl)) url.hostname = 'localhost';
  return `${url.href.replace(/\/$/, '')}/dashboard/setup#${token}`;
}

/** The data folder's, else beside the configuration file, else where data folders go. */
export function setUpFile(folder: string | null, config: string | undefined): string {
  const path = configFile(config);
  return join(folder ?? (path ? dirname(resolve(path)) : join(dataHome(), 'cryptoscan')), 'set-up-link');
}

type Offer = {
  baseUrl: string;
  adminEmail?: string | undefined;
  adminPassword?: string | undefined;
  file: string;
  /** Whether standard output is for people. */
  isTalking: boolean;
  logger: Logger;
};

/** Does nothing once there is a person, but for taking away a link that is spent. */
export async function offerSetUp(installation: Installation, offer: Offer): Promise<void> {
  const { adminEmail, adminPassword, logger } = offer;
  const deps = { ...installation, randomBytes };
  if (adminEmail !== undefined && adminPassword !== undefined) {
    const made = await createFirstPerson(deps, { email: adminEmail, password: adminPassword });
    if (made && !made.ok)
      throw new CommandError(2, made.fault.map(({ field, text }) => `admin ${field}: ${text}`).join('\n'));
    if (made) logger.info({ email: adminEmail }, 'the first person is added');
  }
  const token = await issueSetUpToken(deps, { userId: null });
  if (token === null) return rm(offer.file, { force: true });
  await show(setUpLink(offer.baseUrl, token), offer);
}

async function show(link: string, { file, isTalking, logger }: Offer): Promise<void> {
  if (isTalking && process.stdout.isTTY) return print(`Set up the dashboard: ${link}`);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeWhole(file, `${link}\n`, 0o600);
    logger.info({ file }, 'there is nobody yet; the link to set up the dashboard is in this file');
  } catch (error) {
    const { message } = error as Error;
    logger.warn(
      { file, fault: message },
      'the set-up link cannot be written: run `cryptoscan person set-up-link`',
    );
  }
}
