/**
 * The independent checker: it reads what the API answers, what shops were told and what the chain holds, never the
 * database, and shares no code with the program but the published client's types. It answers every breach in a sentence.
 */
import { checkMoney } from './check-money.ts';
import { checkOrders } from './check-orders.ts';
import { checkWebhooks } from './check-webhooks.ts';
import type { Evidence } from './evidence.ts';

export const judge = (evidence: Evidence): string[] => [
  ...checkOrders(evidence),
  ...checkMoney(evidence),
  ...checkWebhooks(evidence),
];
