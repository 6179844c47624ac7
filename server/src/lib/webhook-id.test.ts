/** The ids of webhook events: the same again for the same event, and for no other. */
import { expect, test } from 'vitest';
import { openVault } from './vault.ts';
import { webhookId, webhookIds } from './webhook-id.ts';

const vault = openVault(Buffer.alloc(32, 1));
const installation = Buffer.alloc(16, 1);

test('an event has one id, in the form of Standard Webhooks', () => {
  const id = webhookIds(vault, installation)(7, 'paid');
  expect(id).toMatch(/^msg_[\w-]{24}$/);
  expect(webhookIds(openVault(Buffer.alloc(32, 1)), Buffer.alloc(16, 1))(7, 'paid')).toBe(id);
});

test('no other event has it, nor another installation with the same key, or another key', () => {
  const others = [
    webhookIds(vault, installation)(7, 'expired'),
    webhookIds(vault, installation)(8, 'paid'),
    webhookIds(vault, Buffer.alloc(16, 2))(7, 'paid'),
    webhookIds(openVault(Buffer.alloc(32, 2)), installation)(7, 'paid'),
    webhookId(),
    webhookId(),
  ];
  expect(new Set([webhookIds(vault, installation)(7, 'paid'), ...others]).size).toBe(7);
});
