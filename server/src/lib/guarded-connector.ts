// Opens the sockets of guarded requests. A name is resolved once, every address is judged, and the socket may use the
// judged addresses only: there is no second resolution that could answer differently (DNS rebinding).
//
// Of a mixed answer the good addresses are used. Refusing it would protect nothing, because a bad address is never
// connected to and whoever controls the name could have left it out; it would only fail shops whose name also
// carries an internal address (split DNS, ::1 beside 127.0.0.1).
import type { LookupAddress } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { buildConnector } from 'undici';
import { type Cidr, judgeAddress } from './address-guard.ts';
import { connectFault, dnsFault, FetchFault, timeoutFault, tlsFault } from './fetch-outcome.ts';
import type { Lookup } from './resolve-host.ts';
import { untilAborted } from './until-aborted.ts';
import { bareHost, isLocalhost, loopbackAddresses } from './webhook-url.ts';

export type ConnectorOptions = {
  allow: readonly Cidr[];
  lookup: Lookup;
  /** For resolving, connecting and the TLS handshake together. */
  timeoutMs: number;
  /** Ends every attempt to connect; its reason should be a FetchFault. */
  signal: AbortSignal;
  secureContext?: SecureContext;
};

type Target = { hostname: string; port: number; secure: boolean };

const maxAddresses = 8; // a DNS answer with hundreds must not make this server knock on hundreds of doors
const addressAttemptMs = 1000; // then the next address is tried; Node's 250 ms gives up on distant servers

/** A connector for undici's Pool; its errors are FetchFaults. */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  return ({ hostname, port, protocol }, callback) => {
    const secure = protocol === 'https:';
    const target = { hostname: bareHost(hostname), port: Number(port || (secure ? 443 : 80)), secure };
    open(target, options).then(
      socket => callback(null, socket),
      error => callback(error, null),
    );
  };
}

async function open(target: Target, options: ConnectorOptions): Promise<Socket> {
  const attempt = new AbortController();
  const timer = setTimeout(() => attempt.abort(timeoutFault(options.timeoutMs)), options.timeoutMs);
  const stop = () => attempt.abort(options.signal.reason);
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    options.signal.throwIfAborted();
    const addresses = await checkedAddresses(target.hostname, options, attempt.signal);
    attempt.signal.throwIfAborted();
    return await connect(target, addresses, attempt.signal, options.secureContext);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stop);
  }
}

async function checkedAddresses(
  hostname: string,
  options: ConnectorOptions,
  signal: AbortSignal,
): Promise<LookupAddress[]> {
  const found = await addressesOf(hostname, options.lookup, signal);
  if (found.length === 0) throw dnsFault();
  const good = found.filter(address => judgeAddress(address, options.allow).ok);
  if (good.length === 0) throw new FetchFault('blocked', 'The host leads to an address that is not public.');
  return good.slice(0, maxAddresses).map(address => ({ address, family: isIP(address) }));
}

async function addressesOf(
  hostname: string,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  if (isLocalhost(hostname)) return loopbackAddresses;
  try {
    const answer = await untilAborted(lookup(hostname, signal), signal);
    return answer.map(({ address }) => address);
  } catch (error) {
    throw signal.aborted ? signal.reason : dnsFault(error);
  }
}

function connect(
  target: Target,
  addresses: LookupAddress[],
  signal: AbortSignal,
  secureContext: SecureContext | undefined,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = dial(target, addresses, secureContext);
    let reached = false;
    const stop = () => socket.destroy(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('connect', () => {
      reached = true;
    });
    // Stays attached: between this promise and undici's own listener an error must not be an uncaught one.
    socket.on('error', error => {
      if (error instanceof FetchFault) reject(error);
      else reject(reached ? tlsFault(error) : connectFault(error));
    });
    socket.once('close', () => {
      signal.removeEventListener('abort', stop);
      reject(connectFault(undefined)); // for a close without an error; after anything else it has no effect
    });
    socket.once(target.secure ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', stop);
      resolve(socket);
    });
  });
}

function dial({ hostname, port, secure }: Target, addresses: LookupAddress[], secureContext?: SecureContext) {
  // Node asks for all addresses at once because of autoSelectFamily; a literal host is not looked up at all.
  const lookup: LookupFunction = (_hostname, _options, done) => done(null, addresses);
  const way = { host: hostname, port, lookup, noDelay: true, autoSelectFamily: true };
  const timed = { ...way, autoSelectFamilyAttemptTimeout: addressAttemptMs };
  if (!secure) return connectTcp(timed);
  return connectTls({
    ...timed,
    // A name may end in a dot, a certificate's never does; an IP address is not sent as a server name (RFC 6066).
    ...(isIP(hostname) === 0 && { servername: hostname.replace(/\.$/, '') }),
    ...(secureContext && { secureContext }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true, // said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment has no say
  });
}
