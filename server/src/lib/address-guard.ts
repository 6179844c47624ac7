// Decides which IP addresses an outbound request to a stranger's URL may reach: public ones, and those the operator allows.
// Pure; the connector (guarded-connector.ts) asks it about every address a name resolves to, the form about literal hosts.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { fail, ok, type Result } from './result.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network the operator allows although it is not public; made only by parseCidrs. */
export type Cidr = readonly [network: Address, prefixLength: number];

const globalUnicast = ipaddr.IPv6.parse('2000::'); // the only block IANA assigns unicast from (RFC 4291 section 2.4)
const nat64 = ipaddr.IPv6.parse('64:ff9b::'); // well-known prefix, RFC 6052 section 2.1

// Azure's platform endpoint looks public but answers only, and trustingly, to the virtual machine itself.
// https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
const azurePlatform = '168.63.129.16';

const names: Partial<Record<string, string>> = {
  unspecified: 'an unspecified address',
  loopback: 'a loopback address',
  private: 'a private address',
  uniqueLocal: 'a private address',
  linkLocal: 'a link-local address',
  carrierGradeNat: 'a carrier-grade NAT address',
  multicast: 'a multicast address',
  broadcast: 'a broadcast address',
};

/**
 * Says whether `address` (IPv4 or IPv6 text, a zone id is tolerated) may be connected to. An IPv4 address inside an IPv6
 * one (mapped, NAT64, 6to4) is judged as the inner address, because that is the machine which would answer.
 * @returns what kind of address it is, fit to follow "is", when it may not.
 */
export function judgeAddress(address: string, allow: readonly Cidr[]): Result<true> {
  // A spelling only ipaddr.js understands ("127.1") would be judged here but resolved anew by the socket.
  if (isIP(address) === 0 || !ipaddr.isValid(address)) return fail('not an IP address');
  const inner = unwrap(ipaddr.parse(address));
  if (allow.some(cidr => contains(cidr, inner))) return ok(true);
  const kind = inner.range();
  if (kind !== 'unicast') return fail(names[kind] ?? 'a reserved address');
  if (inner.toString() === azurePlatform) return fail('a cloud platform address');
  if (inner instanceof ipaddr.IPv6 && !inner.match(globalUnicast, 3)) return fail('a reserved address');
  return ok(true);
}

/**
 * Reads the operator's list of networks: CIDRs, or single addresses. Bits beyond the prefix are refused, since
 * 10.0.0.5/8 was hardly meant to open all of 10.0.0.0/8.
 */
export function parseCidrs(list: readonly string[]): Result<Cidr[]> {
  const cidrs: Cidr[] = [];
  for (const text of list) {
    const cidr = parseCidr(text.trim());
    if (!cidr.ok) return cidr;
    cidrs.push(cidr.value);
  }
  return ok(cidrs);
}

function parseCidr(text: string): Result<Cidr> {
  const [host = '', prefix, ...rest] = text.split('/');
  const version = isIP(host);
  if (version === 0 || host.includes('%') || rest.length > 0) {
    return fail(`"${text}" is not a network such as 10.0.0.0/8 or fd00::/8`);
  }
  const width = version === 4 ? 32 : 128;
  const length = prefix === undefined ? width : Number(prefix);
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || length > width)) {
    return fail(`"${text}" needs a prefix length from 0 to ${width}`);
  }
  const address = ipaddr.parse(host);
  const network = networkOf(address, length);
  if (network.toString() !== address.toString()) {
    return fail(
      `"${text}" has bits set beyond its prefix; ${network.toString()}/${length} is the whole network`,
    );
  }
  // Addresses are unwrapped before they are matched, so a mapped network must be an IPv4 one to match at all.
  if (network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && length >= 96) {
    return ok([network.toIPv4Address(), length - 96]);
  }
  return ok([network, length]);
}

function networkOf(address: Address, length: number): Address {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, length - index * 8));
    return byte & (0xff << (8 - kept));
  });
  return ipaddr.fromByteArray(bytes);
}

function contains([network, length]: Cidr, address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, length);
}

function unwrap(address: Address): Address {
  if (address instanceof ipaddr.IPv4) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  if (address.match(nat64, 96)) return new ipaddr.IPv4(bytes.slice(12));
  if (address.range() === '6to4') return new ipaddr.IPv4(bytes.slice(2, 6)); // RFC 3056 section 2
  return address;
}
