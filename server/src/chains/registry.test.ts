import { sha256 } from '@noble/hashes/sha2.js';
import { createBase58check } from '@scure/base';
import { describe, expect, test } from 'vitest';
import { type Network, networkCodes, networks } from '../domain/asset.ts';
import { ChainError } from './chain.ts';
import { addressText, families, openChain, parseAddress, parseTransactionId } from './registry.ts';

const ethereum = networks['ERC-20'];
const tron = networks['TRC-20'];

const fault = (network: Network, text: string) => {
  const result = parseAddress(network, text);
  if (result.ok) throw new Error(`taken as ${result.value.key}`);
  expect(result.fault).not.toContain(text.trim());
  return result.fault;
};

// The examples of https://eips.ethereum.org/EIPS/eip-55
const checksummed = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
];

describe('EVM addresses', () => {
  test.each(checksummed)('%s is read with its checksum, in lower case and in upper case', text => {
    const digits = text.slice(2);
    for (const form of [text, `0x${digits.toLowerCase()}`, `0x${digits.toUpperCase()}`, ` ${text}\n`])
      expect(parseAddress(ethereum, form)).toEqual({ ok: true, value: { key: text.toLowerCase(), text } });
    expect(addressText(ethereum, text.toLowerCase())).toBe(text);
  });

  test('a letter in the wrong case is a wrong checksum, and the fault says so', () => {
    expect(fault(ethereum, '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')).toMatch(/checksum/);
    expect(fault(ethereum, '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee')).toMatch(/checksum/);
  });

  test.each([
    '',
    '0x',
    '5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg',
    '0x5aAeb6053F3E94C9b9A09f33 669435E7Ef1BeAed',
    'vitalik.eth',
    'ethereum:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  ])('%j is no address', text => {
    expect(parseAddress(ethereum, text)).toEqual({
      ok: false,
      fault: 'an address here is 0x followed by 40 hexadecimal digits',
    });
  });
});

describe('Tron addresses', () => {
  const usdtHolder = 'TNVq3uxvLAHNM8MXFS6tJMVVkKGUz1xTHW';
  const wallets = ['TNaJADoq1u2atryP1ZzwvmEE4ZBELXfMqw', 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'];

  test('base58 and 21 bytes of hex are the same address', () => {
    const text = wallets[0]!;
    const parsed = parseAddress(tron, text);
    if (!parsed.ok) throw new Error(parsed.fault);
    const { key } = parsed.value;
    expect(key).toMatch(/^41[0-9a-f]{40}$/);
    for (const form of [text, ` ${text} `, key, key.toUpperCase(), `0x${key}`])
      expect(parseAddress(tron, form)).toEqual({ ok: true, value: { key, text } });
    expect(addressText(tron, key)).toBe(text);
  });

  test('the key of the USDT contract is its published hex form', () => {
    expect(families.tron.parseAddress(wallets[1]!)).toEqual({
      ok: true,
      value: { key: '41a614f803b6fd780986a42c78ec9c7f77e6ded13c', text: wallets[1] },
    });
  });

  test('a mistyped character is a wrong checksum, and the fault says so', () => {
    expect(fault(tron, 'TNaJADoq1u2atryP1ZzwvmEE4ZBELXfMqv')).toMatch(/checksum/);
    expect(fault(tron, 'TNaJADoq1u2atryP1ZzwvmEE4ZBELXfMwq')).toMatch(/checksum/);
    expect(fault(tron, usdtHolder.replace('u', 'v'))).toMatch(/checksum/);
  });

  test('characters that base58 leaves out are named', () => {
    expect(fault(tron, 'TNaJADoq1u2atryP1ZzwvmEE4ZBELXfMq0')).toMatch(/0, O, I and l/);
  });

  test.each([
    '',
    'T',
    'TNaJADoq1u2atryP1ZzwvmEE4ZBELXfMq',
    `${wallets[0]}x`,
    '42a614f803b6fd780986a42c78ec9c7f77e6ded13c',
  ])('%j is no address', text => {
    expect(parseAddress(tron, text)).toEqual({
      ok: false,
      fault: 'a Tron address is T followed by 33 letters and digits',
    });
  });

  test('a right checksum over another first byte than 41 is no address of Tron', () => {
    const others = [0x40, 0x42]
      .flatMap(version => [0x00, 0xff].map(rest => Uint8Array.from([version, ...Array(20).fill(rest)])))
      .map(bytes => createBase58check(sha256).encode(bytes))
      .filter(text => /^T.{33}$/.test(text));
    expect(others.length).toBeGreaterThan(0);
    for (const text of others) expect(fault(tron, text)).toBe('this is not an address of Tron');
  });
});

describe('what is refused for what it is', () => {
  test('an address of the other family, by name', () => {
    expect(fault(ethereum, 'TNaJADoq1u2atryP1ZzwvmEE4ZBELXfMqw')).toBe(
      'this is a Tron (T…) address; Ethereum needs an Ethereum-style (0x…) one',
    );
    expect(fault(tron, checksummed[2]!)).toBe(
      'this is an Ethereum-style (0x…) address; Tron needs a Tron (T…) one',
    );
  });

  test('the zero address', () => {
    expect(fault(ethereum, `0x${'0'.repeat(40)}`)).toMatch(/zero address/);
    expect(fault(tron, 'T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb')).toMatch(/zero address/);
  });

  test("a network's own token contracts, on every network", () => {
    for (const code of networkCodes)
      for (const { asset, contract } of networks[code].tokens) {
        const key = networks[code].family === 'tron' ? `41${contract.slice(2)}` : contract;
        for (const text of [key, addressText(networks[code], key)])
          expect(fault(networks[code], text)).toBe(`this is the ${asset} contract itself, not a wallet`);
      }
  });

  const phrase = 'abandon ability able about above absent absorb abstract absurd abuse access accident';
  test.each([
    'f1'.repeat(32),
    `0x${'F1'.repeat(32)}`,
    `xprv${'9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi'}`,
  ])('a private key (%s)', text => {
    for (const network of [ethereum, tron])
      expect(fault(network, text)).toMatch(/private key.*never enter it anywhere/);
  });

  test.each([
    phrase,
    `${phrase} ${phrase}`,
    phrase.replaceAll(' ', '\n'),
    phrase.replaceAll(' ', ', '),
    [...phrase.split(' ').entries()].map(([index, word]) => `${index + 1}. ${word}`).join(' '),
    'あいこくしん あいさつ あいだ あおぞら あかちゃん あきる あけがた あける あこがれる あさい あさひ あしあと',
  ])('a recovery phrase (%s)', text => {
    for (const network of [ethereum, tron])
      expect(fault(network, text)).toMatch(/recovery phrase.*never enter it anywhere/);
  });
});

describe('transaction ids', () => {
  const digits = '9ff75c018157f4504adc34058510516c603569238e5c3d156b1f0b096856b1a1';
  const forms = [digits, digits.toUpperCase(), `0x${digits}`, `0X${digits.toUpperCase()}`, ` 0x${digits}\n`];

  test.each(forms)('%j is read, in the form of the network', text => {
    expect(parseTransactionId(ethereum, text)).toEqual({ ok: true, value: `0x${digits}` });
    expect(parseTransactionId(tron, text)).toEqual({ ok: true, value: digits });
  });

  test.each([
    '',
    '0x',
    digits.slice(1),
    `${digits}0`,
    `0x0x${digits}`,
    `${digits.slice(1)}g`,
    `${digits.slice(0, 32)} ${digits.slice(32)}`,
    `https://etherscan.io/tx/0x${digits}`,
    `${digits}\n${digits}`,
  ])('%j is none, and is not repeated', text => {
    const faults = {
      ethereum: 'a transaction id here is 0x followed by 64 hexadecimal digits',
      tron: 'a transaction id on Tron is 64 hexadecimal digits',
    };
    expect(parseTransactionId(ethereum, text)).toEqual({ ok: false, fault: faults.ethereum });
    expect(parseTransactionId(tron, text)).toEqual({ ok: false, fault: faults.tron });
  });

  test.each([checksummed[0]!, 'TNaJADoq1u2atryP1ZzwvmEE4ZBELXfMqw'])(
    'an address (%s) is named as one',
    text => {
      for (const network of [ethereum, tron]) {
        const parsed = parseTransactionId(network, text);
        expect(parsed).toMatchObject({ ok: false, fault: expect.stringMatching(/^this is an address; /) });
        expect(JSON.stringify(parsed)).not.toContain(text);
      }
    },
  );
});

test('a wrong provider URL is refused without showing it', () => {
  const opening = () => openChain(ethereum, { url: 'htps://rpc.example/secret-key' });
  expect(opening).toThrow(ChainError);
  expect(opening).not.toThrow(/secret/);
});
