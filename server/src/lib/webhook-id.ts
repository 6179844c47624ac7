/** The id that all requests of one event carry, in the form of Standard Webhooks. */
import { randomBytes } from 'node:crypto';
import { mac, type Vault } from './vault.ts';

/** Of the event of this type of an invoice. */
export type WebhookIds = (invoiceId: number, type: string) => string;

/** Of an event that is told once, such as a test. */
export const webhookId = (): string => form(randomBytes(18));

/**
 * Ids that follow from the event: after a restored backup an event that was told already, and is found anew, has the id
 * its shop knows it by. `installation`: bytes that no other installation has, though it may have the same key.
 */
export const webhookIds =
  (vault: Vault, installation: Buffer): WebhookIds =>
  (invoiceId, type) =>
    form(mac(vault, ['webhook', installation.toString('base64'), invoiceId, type]).subarray(0, 18));

const form = (bytes: Buffer): string => `msg_${bytes.toString('base64url')}`;
