/** The id that all requests of one event carry, in the form of Standard Webhooks. */
import { randomBytes } from 'node:crypto';

export const webhookId = (): string => `msg_${randomBytes(18).toString('base64url')}`;
