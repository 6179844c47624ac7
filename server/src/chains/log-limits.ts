/**
 * How providers say that a log query asks for too much, and what to ask instead. Every provider has its own limit and
 * its own words for it, and none of them is a standard; the table grows by a row.
 */
import { NodeError, TooLarge } from './json-rpc-answer.ts';

type Range = { from: number; to: number };

/** A range that would have worked: Infura and zkSync, Alchemy (both hexadecimal), reth and llamarpc (decimal). */
const suggestedRange = [
  /try with this block range \[(0x[0-9a-f]+),\s*(0x[0-9a-f]+)\]/i,
  /this block range should work: \[(0x[0-9a-f]+),\s*(0x[0-9a-f]+)\]/i,
  /retry with the range (\d+)-(\d+)/i,
];

/** The largest number of blocks in one query. */
const suggestedSpan = [
  /limited to a ([\d,]+)/i, // QuickNode, 1RPC, Blast
  /limited to ([\d,]+) block/i, // BlockPI
  /max range: ([\d,]+)/i, // Cloudflare
  /maximum allowed number of requested blocks is ([\d,]+)/i, // thirdweb
  /maximum is set to ([\d,]+)/i, // Avalanche's public API
  /limit the query to at most ([\d,]+) blocks/i, // Coinbase
  /max(?:imum)? block range:? ([\d,]+)/i, // PublicNode, java-tron, Hyperliquid
  /ranges over ([\d,]+) blocks are not supported/i, // dRPC
  /max is ([\d,]+k?) blocks/i, // Merkle
  /up to a ([\d,]+) block range/i, // Alchemy's free tier, Aurora
  /block range is too wide \(maximum ([\d,]+)\)/i, // Moonriver
  /exceeds the range allowed for your plan \(\d+ > ([\d,]+)\)/i, // Blast, paid
  /block range (?:greater than|exceeds) ([\d,]+)/i, // Swell, Somnia
  /blocks distance: ([\d,]+)/i, // Ankr's smaller chains
];

/** Too much, without a word on how much is not. */
const tooMuch = [
  /query returned more than [\d,]+k? results/i, // Infura, java-tron, Polygon zkEVM
  /query exceeds max (?:results|logs)/i, // llamarpc, Ankr
  /logs matched by query exceeds limit/i, // Arbitrum
  /block range is too (?:wide|large)/i, // Ankr (3,000 blocks), Optimism
  /block range too large/i, // Base
  /block range limit exceeded/i, // Chainstack
  /range is too large/i,
  /response (?:size )?(?:is )?too (?:large|big)/i, // java-tron, Optimism
  /response byte size exceeds the limit/i, // java-tron
  /response size (?:is larger than|exceed|should not)/i, // Alchemy, 1RPC
  /query timeout exceeded|request timed out|execution timeout|context deadline exceeded/i, // a node's own time limit
];

/** Whether it is what a provider says to a log query that asks for too much. */
export const isTooMuch = (error: unknown): boolean =>
  error instanceof TooLarge || (error instanceof NodeError && speaksOfTooMuch(error.text));

/** Whether the words say that a log query asks for too much. */
export const speaksOfTooMuch = (text: string): boolean =>
  [...suggestedRange, ...suggestedSpan, ...tooMuch].some(pattern => pattern.test(text));

/**
 * The span in blocks to try next after `error` came for the inclusive `asked`: always smaller than asked, at least 1.
 * `null` when the error is no such limit, or when nothing smaller can be asked.
 */
export function narrowerSpan(error: unknown, asked: Range): number | null {
  const span = asked.to - asked.from + 1;
  if (span <= 1) return null;
  const half = Math.floor(span / 2);
  if (error instanceof TooLarge) return half;
  if (!(error instanceof NodeError)) return null;
  const told = spanFrom(error.text, asked);
  if (told !== null) return told >= 1 && told < span ? told : half;
  return tooMuch.some(pattern => pattern.test(error.text)) ? half : null;
}

function spanFrom(text: string, asked: Range): number | null {
  for (const pattern of suggestedRange) {
    const match = pattern.exec(text);
    // The range must start where we asked: a provider that counts from elsewhere tells us only to ask for less.
    if (match) return Number(match[1]) === asked.from ? Number(match[2]) - asked.from + 1 : 0;
  }
  for (const pattern of suggestedSpan) {
    const digits = pattern.exec(text)?.[1];
    if (digits) return Number(digits.replace(/[,k]/gi, '')) * (/k$/i.test(digits) ? 1000 : 1);
  }
  return null;
}
