/** What people call a network: payers choose it by name in a wallet, and the wrong one loses their money. */

const names: Record<string, string> = {
  'TRC-20': 'Tron',
  'ERC-20': 'Ethereum',
  'BEP-20': 'BNB Smart Chain (BSC)',
  POLYGON: 'Polygon (POS)',
  ARBITRUM: 'Arbitrum One',
  OPTIMISM: 'OP Mainnet',
  BASE: 'Base',
  // A hyphen that keeps its line.
  AVALANCHE: 'Avalanche C\u2011Chain',
};

/** The name a network goes by, for the code the API uses; the code itself where no other is known. */
export const networkName = (code: string): string => (Object.hasOwn(names, code) && names[code]) || code;

/** The code, where it is more than a repetition of the name. */
export const otherName = (code: string): string | null =>
  networkName(code).toUpperCase().includes(code.toUpperCase()) ? null : code;

/** Both names, such as `Tron (TRC-20)`; for a network whose code says no more than its name, that name alone. */
export function networkNames(code: string): string {
  const other = otherName(code);
  return other ? `${networkName(code)} (${other})` : networkName(code);
}
