/** The newest block of an Ethereum JSON-RPC provider, and up to where its blocks are final by the network's row. */
import type { Network } from '../domain/asset.ts';
import { mapBounded } from './bounded.ts';
import { ChainError, type Head } from './chain.ts';
import { type Clock, fetchBlock } from './eth-block.ts';
import type { JsonRpc } from './json-rpc.ts';
import { NodeError } from './json-rpc-answer.ts';

export async function readHead(
  source: { rpc: JsonRpc; network: Network; clock: Clock },
  signal: AbortSignal,
): Promise<Head> {
  const { rpc, network, clock } = source;
  const tags = network.finality.by === 'tag' ? (['latest', 'finalized'] as const) : (['latest'] as const);
  const [tip, tagged] = await mapBounded(
    tags,
    async (tag, linked) => {
      try {
        return await fetchBlock(rpc, tag, linked, clock);
      } catch (error) {
        if (tag === 'latest' || !(error instanceof NodeError)) throw error;
        return finalOf(error);
      }
    },
    signal,
  );
  if (!tip) throw new ChainError('the provider has no latest block', { retryable: true });
  const byDepth = tip.height - (network.finality.depth - 1);
  // Behind a balancer the two answers may come from two nodes, so the final one may lie above the tip.
  const final = tagged === undefined ? byDepth : Math.min(tagged?.height ?? -1, tip.height);
  return { tip, final: Math.max(final, -1) };
}

/**
 * What an error for the tag means: null when nothing is final yet (geth's words, kept apart because they must not let
 * shallow blocks count as final), undefined when the node does not know the tag, which it says in many ways: java-tron
 * before 4.8.0 with -32602, others by failing to read it as a number. Anything else is thrown.
 */
function finalOf(error: NodeError): null | undefined {
  if (/finalized block (is )?not (found|available)/i.test(error.text)) return null;
  const unknownTag =
    /\btag\b|finalized|hex|unmarshal|invalid (argument|params|block)|unsupported|not supported/i;
  if (error.code === -32602 || error.code === -32600 || unknownTag.test(error.text)) return undefined;
  throw error;
}
