// Turns a stranger's host name into addresses. Node's dns.lookup runs on the four threads that all file access shares
// and cannot be cancelled: four names with silent DNS servers would hold up the whole process. This asks over sockets.
import { promises as dns, type LookupAddress } from 'node:dns';
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';

/** Resolves a name once; rejects with an error whose `code` is one of Node's DNS codes. Stops when the signal aborts. */
export type Lookup = (hostname: string, signal: AbortSignal) => Promise<LookupAddress[]>;

/** For tests: DNS servers ("127.0.0.1:5353") instead of the system's, and another hosts file. */
export type ResolverSources = { servers?: string[]; hostsFile?: string };

const queryTimeoutMs = 1500; // c-ares doubles it for the second try, so a name half broken costs 4.5 s
const hostsFileMaxBytes = 256 * 1024; // larger ones are advertisement block lists, not names of shops

/** The hosts file first, then A and AAAA over DNS; IPv4 first, as more servers reach it. Search domains are not tried. */
export async function resolveHost(
  hostname: string,
  signal: AbortSignal,
  sources: ResolverSources = {},
): Promise<LookupAddress[]> {
  const local = await readHosts(hostname, sources.hostsFile ?? '/etc/hosts');
  if (local.length > 0) return local;
  const resolver = new dns.Resolver({ timeout: queryTimeoutMs, tries: 2 });
  if (sources.servers) resolver.setServers(sources.servers);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    signal.throwIfAborted();
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found.map(toLookupAddress);
    throw mostTelling(answers);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function readHosts(hostname: string, file: string): Promise<LookupAddress[]> {
  const wanted = hostname.toLowerCase().replace(/\.$/, '');
  const size = await stat(file).then(
    found => found.size,
    () => 0, // no hosts file: nothing is overridden
  );
  if (size === 0 || size > hostsFileMaxBytes) return [];
  const found: LookupAddress[] = [];
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const [address = '', ...hosts] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) !== 0 && hosts.some(host => host.toLowerCase() === wanted)) {
      found.push(toLookupAddress(address));
    }
  }
  return found;
}

const toLookupAddress = (address: string): LookupAddress => ({ address, family: isIP(address) });

/** "No such name" for one family only counts when the other family does not report trouble. */
function mostTelling(answers: readonly PromiseSettledResult<string[]>[]): unknown {
  const faults = answers.flatMap(answer => (answer.status === 'rejected' ? [answer.reason] : []));
  return faults.find(fault => fault?.code !== 'ENOTFOUND' && fault?.code !== 'ENODATA') ?? faults[0];
}
