/** Decisions about invoices and payments, each held against another way of saying the same. */
import { apply, type Invoice, inputs, type Status, statuses } from '../../server/src/domain/invoice.ts';
import { match } from '../../server/src/domain/match.ts';
import { type HeldNear, nearestHeld } from '../../server/src/domain/policy.ts';
import { mayExpire, settle } from '../../server/src/domain/settle.ts';
import type { Chance } from '../seeded.ts';
import { cellsOf } from './documented.ts';

const START = Date.UTC(2026, 0, 1);
const GRACE = 120_000;

function anInvoice(chance: Chance): Invoice {
  const createdAt = START + chance.below(3_600_000);
  const expireAt = createdAt + chance.between(15, 90) * 60_000;
  const status = chance.pick(statuses);
  const isEnded = ['completed', 'expired', 'paid_manually', 'cancelled'].includes(status);
  const units = BigInt(chance.between(1, 1_000_000));
  const since = createdAt + chance.below(600_000);
  return {
    ...{ id: 1, merchantId: 1, clientReferenceId: 'r', metadata: null, compat: false, version: 1 },
    ...{ requested: { units, scale: 8 }, commissionPercent: { units: 0n, scale: 0 }, topUpUserId: null },
    ...{ source: null, page: null, seen: null, exception: null, status, createdAt, expireAt },
    method: {
      ...{ network: 'TRC-20', asset: 'USDT', walletId: 1, address: 'a', addressKey: 'k' },
      ...{ final: { units, scale: 6 }, rate: null, since },
    },
    endedAt: isEnded ? createdAt + chance.below(2 * 5_400_000) : null,
  };
}

/** A moment near one that matters, now and then that very one. */
const around = (chance: Chance, time: number) =>
  time + chance.pick([0, 0, 1, -1, chance.between(-200_000, 200_000)]);

const documented = cellsOf('docs/states.md', 'Transitions');

/** The table of docs/states.md, as people read it. */
export function transition(chance: Chance): void {
  const before = anInvoice(chance);
  const input = chance.pick(inputs);
  const now = START + chance.below(10_000_000);
  const after = apply(before, input, { now, seen: { transactionId: 't', payerWallet: null, paidAt: now } });
  const cell = documented.get(`${before.status} ${input}`);
  const said =
    typeof after === 'string'
      ? after
      : `→ ${after.after.status}${after.emits ? `, tells ${after.emits}` : ''}`;
  if (said !== cell) throw new Error(`${before.status} ${input}: ${said}, documented ${cell}`);
  if (typeof after === 'string') return;
  const isOpen = ['awaiting_method', 'new', 'confirming'].includes(after.after.status);
  if ((after.after.endedAt === null) !== isOpen) throw new Error(`${before.status} ${input}: ended or not?`);
}

/** When a transfer of an amount that is held is in time: a line of time with four marks on it. */
export function matching(chance: Chance): void {
  const invoice = anInvoice(chance);
  const { status, endedAt } = invoice;
  const since = invoice.method?.since ?? 0;
  const end = invoice.expireAt + GRACE;
  const last = status === 'cancelled' && endedAt !== null && endedAt < end ? endedAt : end;
  const heldUntil = endedAt === null ? null : endedAt + 7_200_000;
  const time = around(chance, chance.pick([since - GRACE, last, heldUntil ?? last]));
  const detectedAt = around(chance, chance.pick([since, time]));
  const to = 'wallet';
  const from = chance.happens(0.1) ? to : 'payer';
  const hasPayment = chance.happens(0.3);
  const isHeld = chance.happens(0.9);
  const verdict = match({ from, to, time, detectedAt }, isHeld ? { invoice, heldUntil, hasPayment } : null);
  const said = verdict.kind === 'counts' ? verdict.as : verdict.reason;
  const isNobodys = !isHeld || (heldUntil !== null && time > heldUntil);
  const isFromBefore = time + GRACE < since || detectedAt < since;
  const isTaken = hasPayment || status === 'completed' || status === 'paid_manually';
  const order: [boolean, string][] = [
    [from === to, 'self_transfer'],
    [isNobodys, 'no_reservation'],
    [isFromBefore, 'before_invoice'],
    [isTaken, 'second_transfer'],
    [time > last, 'after_deadline'],
  ];
  const right = order.find(([applies]) => applies)?.[1] ?? 'exact';
  if (said !== right)
    throw new Error(`${said}, not ${right}: ${JSON.stringify({ status, time, since, last, heldUntil })}`);
}

/** Final and in time settles, gone or out of time releases, all else waits. */
export function settling(chance: Chance): void {
  const invoice = { ...anInvoice(chance), status: chance.pick(['confirming', 'expired'] as Status[]) };
  const since = invoice.method?.since ?? 0;
  const [first, last] = [since - GRACE, invoice.expireAt + GRACE];
  const final = chance.between(10, 20);
  const height = chance.between(8, 22);
  const time = around(chance, chance.pick([first, last]));
  const isOn = chance.happens(0.9);
  const kind = chance.pick(['exact', 'late', 'under', 'over'] as const);
  const said = settle(invoice, isOn ? { height, time } : null, final, kind);
  const isIn = isOn && time >= first && (kind === 'late' || time <= last);
  const right = isIn ? (height > final ? 'wait' : 'settle') : 'release';
  if (said !== right) throw new Error(`${said}, not ${right}`);
}

/** Only past the deadline with its grace, by the clock and by every chain. */
export function expiring(chance: Chance): void {
  const invoice = { ...anInvoice(chance), status: chance.pick(['new', 'awaiting_method'] as Status[]) };
  const end = invoice.expireAt + GRACE;
  const now = around(chance, end);
  const scanned = Array.from({ length: chance.below(3) }, () =>
    chance.happens(0.1) ? null : around(chance, end),
  );
  const asked = chance.happens(0.9) ? invoice : { ...invoice, method: null };
  const isPast = (time: number | null) => time !== null && time > end;
  const right =
    isPast(now) && (asked.method === null || (scanned.length > 0 && !scanned.some(time => !isPast(time))));
  if (mayExpire(asked, now, scanned) !== right) throw new Error(`expires or not: ${now - end} ${scanned}`);
}

/** Of the held amounts at most one is the nearest beyond doubt: tried by going through all pairs, on a small scale. */
export function nearest(chance: Chance): void {
  const held = [...new Set(Array.from({ length: chance.below(5) }, () => BigInt(chance.between(1, 60))))];
  const near: HeldNear[] = held.map((units, index) => ({ units, invoiceId: index + 1 }));
  const paid = BigInt(chance.between(1, 60));
  if (held.includes(paid)) return;
  const found = nearestHeld(paid, near);
  const gap = (a: bigint, b: bigint) => Math.abs(Number(a - b));
  const sure = near.filter(one =>
    near.every(other => other === one || gap(paid, one.units) < gap(one.units, other.units) / 2),
  );
  if (sure.length > 1) throw new Error('two amounts are beyond doubt');
  if (found !== (sure[0] ?? null)) throw new Error(`${paid} of ${held}: ${found?.units}`);
}
