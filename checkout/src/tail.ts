/** The last digits of an amount tell one payment from another; the page marks them. */

/** Splits before the last `count` digits; a point among them belongs to the tail. */
export function splitTail(amount: string, count: number): { head: string; tail: string } {
  let at = amount.length;
  for (let left = count; left > 0 && at > 0; at--) {
    if (/\d/.test(amount.charAt(at - 1))) left--;
  }
  return { head: amount.slice(0, at), tail: amount.slice(at) };
}
