import { describe, expect, it } from 'vitest';
import { type Cidr, judgeAddress, parseCidrs } from './address-guard.ts';

function cidrs(...list: string[]): Cidr[] {
  const parsed = parseCidrs(list);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}

const refused: [address: string, kind: RegExp][] = [
  ['127.0.0.1', /loopback/],
  ['127.255.255.254', /loopback/],
  ['0.0.0.0', /unspecified/],
  ['0.1.2.3', /unspecified/],
  ['10.0.0.1', /private/],
  ['172.16.0.1', /private/],
  ['172.31.255.255', /private/],
  ['192.168.0.1', /private/],
  ['100.64.0.1', /carrier/],
  ['100.127.255.255', /carrier/],
  ['169.254.169.254', /link-local/],
  ['168.63.129.16', /cloud platform/],
  ['192.0.0.192', /reserved/],
  ['192.0.2.1', /reserved/],
  ['198.51.100.1', /reserved/],
  ['203.0.113.1', /reserved/],
  ['198.18.0.1', /reserved/],
  ['198.19.255.255', /reserved/],
  ['192.88.99.1', /reserved/],
  ['224.0.0.1', /multicast/],
  ['239.255.255.255', /multicast/],
  ['240.0.0.1', /reserved/],
  ['255.255.255.255', /broadcast/],
  ['::', /unspecified/],
  ['::1', /loopback/],
  ['::7f00:1', /reserved/],
  ['::127.0.0.1', /./],
  ['::ffff:127.0.0.1', /loopback/],
  ['::ffff:7f00:1', /loopback/],
  ['::ffff:169.254.169.254', /link-local/],
  ['::ffff:0:127.0.0.1', /reserved/],
  ['64:ff9b::127.0.0.1', /loopback/],
  ['64:ff9b::7f00:1', /loopback/],
  ['64:ff9b::a00:1', /private/],
  ['64:ff9b:1::7f00:1', /reserved/],
  ['2002:7f00:1::', /loopback/],
  ['2002:c0a8:1::1', /private/],
  ['2001:0:7f00:1::', /reserved/],
  ['2001:db8::1', /reserved/],
  ['3fff::1', /reserved/],
  ['2001:2::1', /benchmark|reserved/],
  ['2001:10::1', /reserved/],
  ['fc00::1', /private/],
  ['fd00:ec2::254', /private/],
  ['fe80::1', /link-local/],
  ['fe80::1%eth0', /link-local/],
  ['fec0::1', /reserved/],
  ['ff02::1', /multicast/],
  ['100::1', /reserved/],
  ['5f00::1', /reserved/],
  ['4000::1', /reserved/],
  ['127.1', /not an IP/],
  ['2130706433', /not an IP/],
  ['0x7f000001', /not an IP/],
  ['0177.0.0.1', /not an IP/],
  ['', /not an IP/],
  ['example.com', /not an IP/],
];

const reachable = [
  '93.184.216.34',
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:80b::200e',
  '::ffff:93.184.216.34',
  '64:ff9b::5db8:d822',
  '2002:5db8:d822::1',
];

describe('judgeAddress', () => {
  it.each(refused)('refuses %s and says what it is', (address, kind) => {
    expect(judgeAddress(address, [])).toEqual({ ok: false, fault: expect.stringMatching(kind) });
  });

  it.each(reachable)('lets %s pass', address => {
    expect(judgeAddress(address, [])).toEqual({ ok: true, value: true });
  });

  it('lets an address inside an allowed network pass, and its neighbour not', () => {
    const allow = cidrs('10.1.0.0/16', 'fd12::/16', '192.168.1.7');
    for (const inside of ['10.1.255.255', 'fd12::9', '192.168.1.7', '::ffff:10.1.0.1', '64:ff9b::a01:1']) {
      expect(judgeAddress(inside, allow), inside).toMatchObject({ ok: true });
    }
    for (const outside of ['10.2.0.1', 'fd13::9', '192.168.1.8', '::ffff:10.2.0.1', '127.0.0.1']) {
      expect(judgeAddress(outside, allow), outside).toMatchObject({ ok: false });
    }
  });

  it('reads an allowed IPv4 network written as a mapped one', () => {
    const allow = cidrs('::ffff:10.0.0.0/104');
    expect(judgeAddress('10.9.9.9', allow).ok).toBe(true);
    expect(judgeAddress('::ffff:10.9.9.9', allow).ok).toBe(true);
    expect(judgeAddress('11.0.0.1', []).ok).toBe(true);
    expect(judgeAddress('127.0.0.1', allow).ok).toBe(false);
  });

  it('does not let an allowed IPv6 network open the IPv4 addresses written inside it', () => {
    expect(judgeAddress('::ffff:127.0.0.1', cidrs('::/0')).ok).toBe(false);
    expect(judgeAddress('64:ff9b::7f00:1', cidrs('64:ff9b::/96')).ok).toBe(false);
  });
});

describe('parseCidrs', () => {
  it('takes networks and single addresses of both kinds, and an empty list', () => {
    expect(cidrs('10.0.0.0/8', ' 127.0.0.1 ', 'fd00::/8', '::1', '0.0.0.0/0', '2001:db8::/33')).toHaveLength(
      6,
    );
    expect(cidrs()).toEqual([]);
  });

  it.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10/8',
    '127.1/32',
    'fd00::/129',
    'fe80::1%eth0/64',
    '10.0.0.0/255.0.0.0',
  ])('refuses "%s"', text => {
    expect(parseCidrs(['10.0.0.0/8', text])).toMatchObject({ ok: false });
  });

  it('refuses bits beyond the prefix and names the network that was probably meant', () => {
    expect(parseCidrs(['10.0.0.5/8'])).toEqual({ ok: false, fault: expect.stringContaining('10.0.0.0/8') });
    expect(parseCidrs(['fd00::1/64'])).toEqual({ ok: false, fault: expect.stringContaining('fd00::/64') });
  });
});
