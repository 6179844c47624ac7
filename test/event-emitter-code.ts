/**
 * EVM code for tests on a local chain: a contract that emits whatever Transfer events its caller asks for, several in one
 * transaction and in shapes that no honest token has. Assembled here, so that it can be read.
 */

const transferTopic = 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

/** One event. `nft` gives it ERC-721's shape, with `value` as a fourth topic; `revert` undoes the whole call. */
export type WantedEvent = { kind: 'erc20' | 'nft' | 'revert'; from: string; to: string; value: bigint };

const kinds = { erc20: 1n, nft: 2n, revert: 3n };

const word = (value: bigint) => value.toString(16).padStart(64, '0');

/** The calldata that makes the contract emit these events, in order. */
export const emitData = (events: readonly WantedEvent[]) =>
  `0x${events.map(({ kind, from, to, value }) => [kinds[kind], BigInt(from), BigInt(to), value].map(word).join('')).join('')}`;

/** The code to put at an address; it answers decimals() with `decimals`. */
export function eventEmitterCode(decimals: number): string {
  const program: (string | { label: string } | { jumpTo: string })[] = [
    // Is it decimals()? Then answer. Events begin with a small number, never with this selector.
    '600035',
    '60e01c',
    '63313ce56714',
    { jumpTo: 'decimals' },
    '57',
    // For each record of four words at i (which stays on the stack): kind, from, to, value.
    '6000',
    { label: 'loop' },
    '80361115', // not (calldatasize > i)
    { jumpTo: 'end' },
    '57',
    '8060600135600052', // memory[0] = value
    '8035', // kind
    '80600314',
    { jumpTo: 'revert' },
    '57',
    '600214',
    { jumpTo: 'nft' },
    '57',
    '8060400135', // to
    '8160200135', // from
    `7f${transferTopic}`,
    '60206000a3', // LOG3 with one word of data
    { jumpTo: 'next' },
    '56',
    { label: 'nft' },
    '8060600135', // value
    '8160400135', // to
    '8260200135', // from
    `7f${transferTopic}`,
    '60006000a4', // LOG4 without data
    { label: 'next' },
    '608001',
    { jumpTo: 'loop' },
    '56',
    { label: 'end' },
    '00',
    { label: 'revert' },
    '60006000fd',
    { label: 'decimals' },
    `60${decimals.toString(16).padStart(2, '0')}600052`,
    '60206000f3',
  ];
  // Every jump is PUSH2 and two bytes, every label one JUMPDEST.
  const labels = new Map<string, number>();
  let at = 0;
  for (const part of program) {
    if (typeof part === 'string') at += part.length / 2;
    else if ('jumpTo' in part) at += 3;
    else labels.set(part.label, at++);
  }
  const code = program.map(part => {
    if (typeof part === 'string') return part;
    if ('label' in part) return '5b';
    return `61${labels.get(part.jumpTo)!.toString(16).padStart(4, '0')}`;
  });
  return `0x${code.join('')}`;
}
