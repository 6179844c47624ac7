/** An invoice as the domain sees it, for tests that need no database. */
import type { Invoice } from '../server/src/domain/invoice.ts';

const CREATED = 1_767_268_800_000;

/** 10 dollars asked, 10.007 USDT on TRC-20 due within 30 minutes; what a test cares about it says itself. */
export function anInvoice(given: Partial<Invoice> = {}): Invoice {
  return {
    id: 1,
    merchantId: 1,
    clientReferenceId: 'order 1',
    metadata: null,
    compat: false,
    requested: { units: 1_000_000_000n, scale: 8 },
    commissionPercent: { units: 0n, scale: 4 },
    topUpUserId: null,
    source: null,
    page: null,
    method: {
      network: 'TRC-20',
      asset: 'USDT',
      walletId: 1,
      address: 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir',
      addressKey: '4189500eea5e2ff2bda1e7aeba3ad1a6bdce8b5ed6',
      final: { units: 10_007_000n, scale: 6 },
      rate: null,
      since: CREATED,
    },
    status: 'new',
    seen: null,
    exception: null,
    createdAt: CREATED,
    expireAt: CREATED + 30 * 60_000,
    endedAt: null,
    version: 1,
    ...given,
  };
}
