import { describe, expect, test } from 'vitest';
import { type AssetCode, coinOn, type NetworkCode, networks } from './asset.ts';
import { parseDecimal, rescale } from './money.ts';
import { paymentUri } from './payment-uri.ts';

const address = '0x52908400098527886E0F7030069857D2E4169EE7';
const uri = (code: NetworkCode, amount: string, asset: AssetCode = 'USDT') => {
  const network = networks[code];
  const { decimals = 0 } = coinOn(network, asset) ?? {};
  return paymentUri(network, { asset, address, final: rescale(parseDecimal(amount)!, decimals) });
};

describe('a payment link', () => {
  test.each([
    [
      'ERC-20',
      '15.053',
      `ethereum:0xdac17f958d2ee523a2206206994597c13d831ec7@1/transfer?address=${address}&uint256=15053000`,
    ],
    [
      'BEP-20',
      '15.053',
      `ethereum:0x55d398326f99059ff775485246999027b3197955@56/transfer?address=${address}&uint256=15053000000000000000`,
    ],
    [
      'POLYGON',
      '1000000',
      `ethereum:0xc2132d05d31c914a87c6611c10748aeb04b58e8f@137/transfer?address=${address}&uint256=1000000000000`,
    ],
  ] as const)('on %s names contract, chain, receiver and whole units', (code, amount, expected) => {
    expect(uri(code, amount)).toBe(expected);
  });

  test('exists for every token of every EVM network, and on Tron for none', () => {
    for (const { code, family, tokens } of Object.values(networks)) {
      for (const { asset } of tokens) {
        if (family === 'tron') expect(uri(code, '1', asset)).toBeNull();
        else
          expect(uri(code, '1', asset)).toMatch(
            /^ethereum:0x[0-9a-f]{40}@\d+\/transfer\?address=0x\w{40}&uint256=\d+$/,
          );
      }
    }
  });

  test("of a chain's own coin names the receiver and its smallest units", () => {
    expect(uri('ARBITRUM', '0.0410012', 'ETH')).toBe(`ethereum:${address}@42161?value=41001200000000000`);
    expect(uri('TRC-20', '1', 'TRX')).toBeNull();
  });

  test('is not made for a token that is not known', () => {
    expect(
      paymentUri(
        { ...networks['ERC-20'], tokens: [] },
        { asset: 'USDT', address, final: { units: 1n, scale: 6 } },
      ),
    ).toBeNull();
  });
});
