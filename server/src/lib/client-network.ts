/** Whose address an address is: of IPv6 one subscriber has at least a /64, so its addresses count as one. */
import ipaddr from 'ipaddr.js';

/**
 * `192.0.2.1` or `2001:db8:0:1::/64`; null when the text is no address. An IPv4 address written as IPv6 is the IPv4 one.
 * Whoever has gone before the answer has no address at all any more.
 */
export function clientNetwork(address: string | undefined): string | null {
  const [bare = ''] = (address ?? '').split('%');
  if (!ipaddr.isValid(bare)) return null;
  const parsed = ipaddr.process(bare);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map(part => part.toString(16))
    .join(':')}::/64`;
}
