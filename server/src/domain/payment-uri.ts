/**
 * A payment as a link that a wallet may scan: ERC-681 (ethereum:<contract>@<chain>/transfer?address=<to>&uint256=<units>, and for
 * the chain's own coin ethereum:<to>@<chain>?value=<units>).
 * Some wallets take the contract, which comes first, for the receiver, and some the units for whole tokens. So the page
 * shows a link only where the merchant asks for it, and says beside it what to compare.
 */
import type { AssetCode, Network } from './asset.ts';
import { type Decimal, rescale } from './money.ts';

/** `final` as it is due. Null where the network's wallets agree on no form, or the token is not known here. */
export function paymentUri(
  { family, chainId, tokens, native }: Network,
  { asset, address, final }: { asset: AssetCode; address: string; final: Decimal },
): string | null {
  if (family === 'evm' && asset === native.asset)
    return `ethereum:${address}@${chainId}?value=${rescale(final, native.decimals).units}`;
  const token = tokens.find(known => known.asset === asset);
  if (family !== 'evm' || !token) return null;
  const { units } = rescale(final, token.decimals);
  return `ethereum:${token.contract}@${chainId}/transfer?address=${address}&uint256=${units}`;
}
