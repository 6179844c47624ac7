/**
 * Of the HTTP API of a Tron full node what the adapter asks beside the JSON-RPC, worked out from the node behind: what a
 * transaction is, and what an account holds at the solid block.
 */
import { z } from 'zod';

type Ask = (method: string, ...params: unknown[]) => Promise<unknown>;

const transactionSchema = z.object({
  from: z.string(),
  to: z.string().nullable(),
  value: z.string(),
  input: z.string(),
});
const headerSchema = z.object({
  number: z.string(),
  hash: z.string(),
  parentHash: z.string(),
  timestamp: z.string(),
});
const byId = z.object({ value: z.string() });
const byAddress = z.object({ address: z.string().regex(/^41[0-9a-f]{40}$/) });

export const isApiPath = (path: string): boolean => /^\/wallet(solidity)?\//.test(path);

/** The answer to one question; null where the path is none of these. Throws where the question has another form. */
export async function answerApi(ask: Ask, path: string, body: unknown): Promise<unknown> {
  switch (path) {
    case '/wallet/gettransactionbyid': {
      const id = byId.parse(body).value;
      const found = await ask('eth_getTransactionByHash', `0x${id}`);
      return found === null ? {} : transactionOf(id, transactionSchema.parse(found));
    }
    case '/walletsolidity/getnowblock':
      return blockOf(headerSchema.parse(await ask('eth_getBlockByNumber', 'finalized', false)));
    case '/walletsolidity/getaccount': {
      const { address } = byAddress.parse(body);
      const { number } = headerSchema.parse(await ask('eth_getBlockByNumber', 'finalized', false));
      const balance = Number(z.string().parse(await ask('eth_getBalance', `0x${address.slice(2)}`, number)));
      // As there: what is zero is left out, and an account that was never used is empty.
      return balance > 0 ? { address, balance } : {};
    }
    default:
      return null;
  }
}

/** Whatever has a value and no data is a transfer; all else a call. */
function transactionOf(txID: string, { from, to, value, input }: z.output<typeof transactionSchema>) {
  const isTransfer = to !== null && input === '0x' && BigInt(value) > 0n;
  const owner_address = `41${from.slice(2)}`;
  const parameter = isTransfer
    ? { value: { amount: Number(value), owner_address, to_address: `41${to.slice(2)}` } }
    : { value: { owner_address } };
  const type = isTransfer ? 'TransferContract' : 'TriggerSmartContract';
  return { txID, raw_data: { contract: [{ type, parameter }] } };
}

function blockOf({ number, hash, parentHash, timestamp }: z.output<typeof headerSchema>) {
  return {
    blockID: hash.slice(2),
    block_header: {
      raw_data: {
        number: Number(number),
        parentHash: parentHash.slice(2),
        timestamp: Number(timestamp) * 1000,
      },
    },
  };
}
