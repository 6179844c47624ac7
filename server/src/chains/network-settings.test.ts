import { describe, expect, test } from 'vitest';
import { networks } from '../domain/asset.ts';
import { networkFaults, networkSchema, watchedNetwork } from './network-settings.ts';

const one = { url: 'https://one.example/key' };
const two = { url: 'https://two.example' };
const usdc = (decimals: number) => ({ asset: 'USDC', contract: `0x${'a'.repeat(40)}`, decimals });
const read = (settings: object) => networkSchema.parse(settings);

test('what is not set is as the public network has it', () => {
  const { network, providers } = watchedNetwork(
    'TRC-20',
    read({ rpc: [one, { ...two, kind: 'tron-http' }] }),
  );
  expect(network).toEqual(networks['TRC-20']);
  expect(providers).toEqual([one, { ...two, kind: 'tron-http' }]);
  const changed = watchedNetwork('ERC-20', read({ rpc: [one, two], agreeAbove: 1000, recheckMinutes: 5 }));
  expect(changed.network).toEqual({ ...networks['ERC-20'], agreeAbove: 1000, recheckMinutes: 5 });
  expect(watchedNetwork('ERC-20', read({ rpc: [one], agreeAbove: null })).network).toEqual(
    networks['ERC-20'],
  );
});

test('a limit of nothing is one, and the key of a provider goes along', () => {
  const keyed = { ...one, headers: { authorization: 'Bearer key' } };
  const { network, providers } = watchedNetwork('BASE', read({ rpc: [keyed, two], agreeAbove: 0 }));
  expect(network.agreeAbove).toBe(0);
  expect(providers).toEqual([keyed, two]);
});

describe('a fault names its place and its rule', () => {
  test.each([
    [{ 'ERC-20': { rpc: [one, { ...two, kind: 'tron-http' }] } }, 'ERC-20.rpc.1.kind', 'for TRC-20 only'],
    [{ 'TRC-20': { rpc: [one], agreeAbove: 0 } }, 'TRC-20.agreeAbove', 'at least two RPC URLs'],
    [{ BASE: { rpc: [one, one] } }, 'BASE.rpc', 'twice'],
    [{ BASE: { rpc: [one], tokens: [usdc(6), usdc(6), usdc(18)] } }, 'BASE.tokens.2.decimals', 'USDC'],
  ])('%#', (all, place, words) => {
    const [fault, ...others] = networkFaults(
      Object.fromEntries(Object.entries(all).map(([code, settings]) => [code, read(settings)])),
    );
    expect(others).toEqual([]);
    expect(fault?.path.join('.')).toBe(place);
    expect(fault?.message).toContain(words);
  });

  test('two keys at one address are two providers', () => {
    const rpc = ['a', 'b'].map(key => ({ ...one, headers: { key } }));
    expect(networkFaults({ BASE: read({ rpc }) })).toEqual([]);
  });

  test.each([
    { rpc: [] },
    { rpc: [one], kind: 'x' },
    { rpc: [{ ...one, kind: 'grpc' }] },
    { rpc: [one, two], agreeAbove: -1 },
    { rpc: [one, two], agreeAbove: 0.5 },
    { rpc: [one], recheckMinutes: 0 },
  ])('what no provider or setting can be is refused: %#', settings => {
    expect(networkSchema.safeParse(settings).success).toBe(false);
  });
});
