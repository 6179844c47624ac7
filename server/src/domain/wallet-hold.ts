/**
 * When a wallet may take invoices. The first one for a coin on a network may at once. Any other one could be a thief's, who
 * leads the payments of a running shop elsewhere: it waits, is announced to the owners, and can be stopped meanwhile.
 */

/** The operator's: how long a wallet waits, in ms. */
export type WalletHold = { length: number };

export const NO_HOLD: WalletHold = { length: 0 };

export const holdOf = (hours: number): WalletHold => ({ length: hours * 3_600_000 });

/** From when on, in ms; null: at once. `isOnlyOne`: the merchant has no other one for this coin and network. */
export function activeFrom({ length }: WalletHold, isOnlyOne: boolean, now: number): number | null {
  return isOnlyOne || length === 0 ? null : now + length;
}
