/** Amounts for looking at; what is sent and kept stays exact. */

/** Without the zeros beyond cents. */
export const trimmed = (amount: string | null): string => (amount ?? '').replace(/(\.\d\d\d*?)0+$/, '$1');
