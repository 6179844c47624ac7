/**
 * TRX beside java-tron's JSON-RPC. That shows a transfer of a TRC-10 token, which anybody can issue, just as one of TRX
 * (JsonRpcApiUtil.getTransactionAmount takes the amount of either), and the state of the newest block only. So what it
 * shows is held against the HTTP API of the same provider, which stands beside it: …/jsonrpc and …/wallet/….
 */
import { ChainError, type Provider } from '../chain.ts';
import type { Found, Spelling } from '../erc20-transfers.ts';
import { malformed } from '../eth-block.ts';
import { type Endpoint, openEndpoint } from '../http-post.ts';
import { isRecord } from '../json-rpc-answer.ts';
import type { Pace } from '../pace.ts';
import { ask } from './http-api.ts';
import { decodeHttpBlock, paymentOf } from './http-block.ts';

/** The HTTP API beside a JSON-RPC, of which it shares the limits; null where its address does not tell. */
export function apiBeside(provider: Provider, pace: Pace): Endpoint | null {
  const url = URL.canParse(provider.url) ? new URL(provider.url) : null;
  const path = url?.pathname.replace(/\/+$/, '') ?? '';
  if (!url || !path.endsWith('/jsonrpc')) return null;
  url.pathname = path.slice(0, -'jsonrpc'.length);
  return openEndpoint({ ...provider, url: url.href }, pace);
}

const UNKNOWN_COIN =
  'TRX cannot be told from a TRC-10 token: the URL must end in /jsonrpc and have the HTTP API beside it, or the provider be of the kind tron-http';

/** Whether what was sent is TRX. */
export async function isTrx(
  api: Endpoint | null,
  sent: Found,
  spelling: Spelling,
  signal: AbortSignal,
): Promise<boolean> {
  if (!api) throw new ChainError(UNKNOWN_COIN, { retryable: true });
  const raw = await ask(api, '/wallet/gettransactionbyid', { value: spelling.txId(sent.txHash) }, signal);
  if (!isRecord(raw) || raw.txID !== spelling.txId(sent.txHash))
    throw new ChainError('the HTTP API does not know what the JSON-RPC shows', { retryable: true });
  const payment = paymentOf(raw);
  return payment?.from === sent.from && payment.to === sent.to && payment.units === sent.units;
}

/** How often the solid block may change while a balance is asked for. */
const TRIES = 3;

/**
 * What an address holds as of the solid block, which is the same before and after the question. Null of one that holds less
 * than nothing, as Tron's black hole began, or more than JSON.parse reads without rounding.
 */
export async function solidBalance(
  api: Endpoint | null,
  key: string,
  signal: AbortSignal,
): Promise<{ units: bigint; height: number } | null> {
  if (!api) throw new ChainError(UNKNOWN_COIN, { retryable: true });
  let height = await solidHeight(api, signal);
  for (let tried = 0; tried < TRIES; tried++) {
    const account = await ask(api, '/walletsolidity/getaccount', { address: key }, signal);
    const after = await solidHeight(api, signal);
    if (after === height) {
      const units = balanceIn(account);
      return units === null ? null : { units, height };
    }
    height = after;
  }
  throw new ChainError('the chain moved while a balance was asked for', { retryable: true });
}

async function solidHeight(api: Endpoint, signal: AbortSignal): Promise<number> {
  const block = decodeHttpBlock(await ask(api, '/walletsolidity/getnowblock', {}, signal));
  if (!block) throw new ChainError('the provider has no solid block', { retryable: true });
  return block.height;
}

/** An account that was never used is an empty object, and a balance of nothing is left out. */
function balanceIn(account: unknown): bigint | null {
  if (!isRecord(account)) throw malformed('a malformed account');
  const { balance = 0 } = account;
  if (typeof balance !== 'number' || !Number.isInteger(balance)) throw malformed('a malformed balance');
  return Number.isSafeInteger(balance) && balance >= 0 ? BigInt(balance) : null;
}
