import { expect, test } from 'vitest';
import { networks } from './asset.ts';
import { explorerUrl } from './explorer.ts';

test('a public network has an explorer, in the way each wants to be asked', () => {
  expect(explorerUrl(networks['TRC-20'], 'transaction', 'ab')).toBe('https://tronscan.org/#/transaction/ab');
  expect(explorerUrl(networks['ERC-20'], 'transaction', '0xab')).toBe('https://etherscan.io/tx/0xab');
  expect(explorerUrl(networks.BASE, 'address', '0xab')).toBe('https://basescan.org/address/0xab');
});

test('a local chain has none, nor has a network that is not configured', () => {
  expect(explorerUrl({ ...networks['ERC-20'], chainId: 31337 }, 'transaction', '0xab')).toBeNull();
  expect(explorerUrl(undefined, 'transaction', '0xab')).toBeNull();
});

test('what stands in the row cannot lead elsewhere', () => {
  expect(explorerUrl(networks['ERC-20'], 'transaction', '../?x=//evil')).toBe(
    'https://etherscan.io/tx/..%2F%3Fx%3D%2F%2Fevil',
  );
});
